#include "lib/tls/context.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "lib/base/handles.h"
#include "lib/base/net_address.h"
#include "lib/tls/pem.h"

namespace libra::tls {

namespace {

Error fileError(const std::string& path) { return Error{ErrorCode::Invalid, path + ": " + takeOpensslError()}; }

Result<Context> newContext(const SSL_METHOD* method) {
  ERR_clear_error();
  Context context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1)
    return Error{ErrorCode::Internal, "cannot make a TLS context", takeOpensslError()};
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);  // an idle connection holds 34 KB less
  SSL_CTX_set_default_passwd_cb(context.get(), noPassword);
  return context;
}

Status useCertificate(SSL_CTX* context, const Files& files) {
  if (SSL_CTX_use_certificate_chain_file(context, files.certificate.c_str()) != 1) return fileError(files.certificate);
  if (SSL_CTX_use_PrivateKey_file(context, files.key.c_str(), SSL_FILETYPE_PEM) != 1) return fileError(files.key);
  return ok();
}

void freeAll(STACK_OF(X509) * list) { sk_X509_pop_free(list, X509_free); }
using CertificateStack = std::unique_ptr<STACK_OF(X509), FreeWith<freeAll>>;

// What libcrypto keeps of a certificate from its first use on it works out here, before threads
// share the context: it would guard that itself, but where ThreadSanitizer cannot see it.
void workOut(const CertificateStack& certificates) {
  for (int i = 0; i < sk_X509_num(certificates.get()); ++i)
    X509_check_purpose(sk_X509_value(certificates.get(), i), -1, 0);
}

Status trust(SSL_CTX* context, const std::string& ca) {
  if (SSL_CTX_load_verify_file(context, ca.c_str()) != 1) return fileError(ca);
  workOut(CertificateStack(X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(context))));
  return ok();
}

Status demandClientCertificate(SSL_CTX* context, const std::string& ca) {
  if (auto trusted = trust(context, ca); !trusted) return trusted;
  STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(ca.c_str());
  if (names == nullptr) return fileError(ca);
  SSL_CTX_set_client_CA_list(context, names);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // A resumed session would skip the verification.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context, 0);
  return ok();
}

Result<Session> newSession(const Context& context) {
  ERR_clear_error();
  Session session(SSL_new(context.get()));
  if (!session) return Error{ErrorCode::Internal, "cannot make a TLS session", takeOpensslError()};
  return session;
}

bool expectHost(SSL* session, const std::string& host) {
  X509_VERIFY_PARAM* expected = SSL_get0_param(session);
  if (NetAddress::parse(host)) return X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str()) == 1;
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  return X509_VERIFY_PARAM_set1_host(expected, host.data(), host.size()) == 1 &&
         SSL_set_tlsext_host_name(session, host.c_str()) == 1;
}

}  // namespace

Result<Context> serverContext(const Files& files, bool mutual) {
  auto context = newContext(TLS_server_method());
  if (!context) return context;
  if (auto used = useCertificate(context->get(), files); !used) return used.error();
  if (!mutual) return context;
  if (auto demanded = demandClientCertificate(context->get(), files.ca); !demanded) return demanded.error();
  return context;
}

Result<Context> clientContext(const Files& files) {
  auto context = newContext(TLS_client_method());
  if (!context) return context;
  if (auto trusted = trust(context->get(), files.ca); !trusted) return trusted.error();
  SSL_CTX_set_verify(context->get(), SSL_VERIFY_PEER, nullptr);
  if (files.certificate.empty()) return context;
  if (auto used = useCertificate(context->get(), files); !used) return used.error();
  return context;
}

Result<Context> unverifiedClientContext() { return newContext(TLS_client_method()); }

Result<Session> serverSession(const Context& context) { return newSession(context); }

Result<Session> clientSession(const Context& context, const std::string& host) {
  if (host.empty()) return Error{ErrorCode::Invalid, "no host to verify the peer's certificate against"};
  auto session = newSession(context);
  if (session && !expectHost(session->get(), host))
    return Error{ErrorCode::Invalid, "'" + host + "' is no host name", takeOpensslError()};
  return session;
}

std::string failureText(const SSL* session) {
  const long verification = session ? SSL_get_verify_result(session) : X509_V_OK;
  if (verification == X509_V_OK) return takeOpensslError();
  ERR_clear_error();
  return X509_verify_cert_error_string(verification);
}

}  // namespace libra::tls

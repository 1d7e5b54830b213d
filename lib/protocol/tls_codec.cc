#include <algorithm>

#include "lib/protocol/fields.h"
#include "lib/protocol/load_balancer_codec.h"

namespace libra::protocol {

namespace {

constexpr std::size_t kLongestPem = 65'536;
constexpr std::size_t kMostMappings = 20;
constexpr std::size_t kLongestHost = 253;

// Atlas spells it in two ways: the second is that of a certificate mapping.
constexpr const char* kKey = "privatekey";
constexpr const char* kMappingKey = "privateKey";

Problem failure(const LoadBalancerState& lb, std::string_view why) {
  return refused("Failure adding load balancer " + lb.id + ": " + std::string(why));
}

// Looks like PEM, and holds nothing that could pass for another line of a command. Whether
// it is a certificate is for those who load it to say.
bool isPem(std::string_view text) {
  return text.size() <= kLongestPem && text.starts_with("-----BEGIN ") && text.find("\n\n") == text.npos &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c < 127); });
}

bool isHostName(std::string_view text) {
  if (text.starts_with("*.")) text.remove_prefix(2);
  return !text.empty() && text.size() <= kLongestHost && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-';
         });
}

// PEM as everybody writes it: lines end in \n, and nothing is empty.
std::string pemText(const json::Value& given) {
  std::string text;
  for (const char c : given.text())
    if (c != '\r' && !(c == '\n' && (text.empty() || text.back() == '\n'))) text += c;
  return text;
}

Checked readCertificate(const json::Value& given, const char* key, const LoadBalancerState& lb,
                        CertificateState& certificate) {
  certificate.certificate = pemText(given["certificate"]);
  certificate.intermediates = pemText(given["intermediateCertificate"]);
  certificate.key = Secret(pemText(given[key]));
  if (!isPem(certificate.certificate)) return failure(lb, "a certificate is not in PEM form");
  if (!isPem(certificate.key.reveal())) return failure(lb, "a private key is not in PEM form");
  if (!certificate.intermediates.empty() && !isPem(certificate.intermediates))
    return failure(lb, "an intermediate certificate is not in PEM form");
  return {};
}

Checked readMappings(const json::Value& given, const LoadBalancerState& lb, TlsState& tls) {
  if (absentOrNull(given)) return {};
  if (!given.isArray() || given.size() > kMostMappings)
    return failure(lb, "the certificate mappings must be a list of at most 20");
  for (std::size_t i = 0; i < given.size(); ++i) {
    CertificateState mapping;
    mapping.host = given[i]["hostName"].text();
    const auto same = [&](const CertificateState& other) { return other.host == mapping.host; };
    if (!isHostName(mapping.host) || std::any_of(tls.mappings.begin(), tls.mappings.end(), same))
      return failure(lb, "the host name of a certificate mapping is not valid, or given twice");
    if (auto problem = readCertificate(given[i], kMappingKey, lb, mapping)) return problem;
    tls.mappings.push_back(std::move(mapping));
  }
  return {};
}

Checked readTermination(const json::Value& given, LoadBalancerState& lb) {
  if (absentOrNull(given)) return {};
  if (lb.protocol == Protocol::Galera) return failure(lb, "Galera knows no TLS termination");
  auto& tls = lb.tls.emplace();
  const auto port = wholeNumber(given["securePort"], 1, 65535);
  const auto enabled = flag(given["enabled"], true), secure_only = flag(given["secureTrafficOnly"], false);
  if (!port || *port == lb.port || !enabled || !secure_only) return failure(lb, "the TLS termination is not valid");
  tls.port = static_cast<std::uint16_t>(*port);
  tls.enabled = *enabled;
  tls.secure_only = *secure_only;
  if (auto problem = readCertificate(given, kKey, lb, tls.certificate)) return problem;
  return readMappings(given["certificateMappings"], lb, tls);
}

Checked readRedirect(const json::Value& given, LoadBalancerState& lb) {
  const auto redirect = flag(given, false);
  if (!redirect) return failure(lb, "httpsRedirect must be true or false");
  lb.https_redirect = *redirect;
  if (*redirect && (lb.protocol != Protocol::Http || !lb.tls || !lb.tls->enabled))
    return failure(lb, "httpsRedirect needs the protocol HTTP with TLS termination");
  return {};
}

Checked readNodeTls(const json::Value& given, LoadBalancerState& lb) {
  if (absentOrNull(given)) return {};
  const auto verify = flag(given["verify"], false);
  lb.node_tls = {verify.value_or(false), pemText(given["caCertificate"]), given["hostName"].text()};
  const auto& tls = lb.node_tls;
  if (!given.isObject() || !verify || (!tls.ca.empty() && !isPem(tls.ca)) ||
      (!tls.host.empty() && (!isHostName(tls.host) || tls.host.front() == '*')))
    return failure(lb, "nodeTls is not valid");
  return {};
}

json::Value writeCertificate(const CertificateState& certificate, const char* key) {
  auto message = json::Value::object();
  if (!certificate.host.empty()) message.set("hostName", certificate.host);
  message.set("certificate", certificate.certificate).set(key, certificate.key.reveal());
  if (!certificate.intermediates.empty()) message.set("intermediateCertificate", certificate.intermediates);
  return message;
}

json::Value writeTermination(const TlsState& tls) {
  auto message = writeCertificate(tls.certificate, kKey);
  message.set("enabled", tls.enabled)
      .set("securePort", static_cast<int>(tls.port))
      .set("secureTrafficOnly", tls.secure_only);
  auto mappings = json::Value::array();
  for (const auto& mapping : tls.mappings) mappings.push(writeCertificate(mapping, kMappingKey));
  if (mappings.size() > 0) message.set("certificateMappings", mappings);
  return message;
}

json::Value writeNodeTls(const NodeTlsState& tls) {
  auto message = json::Value::object().set("verify", tls.verify);
  if (!tls.ca.empty()) message.set("caCertificate", tls.ca);
  if (!tls.host.empty()) message.set("hostName", tls.host);
  return message;
}

void hideKey(json::Value object, const char* key) {
  if (object[key]) object.set(key, "*****");
}

}  // namespace

Checked readTls(const json::Value& message, LoadBalancerState& lb) {
  if (auto problem = readTermination(message["sslTermination"], lb)) return problem;
  if (auto problem = readRedirect(message["httpsRedirect"], lb)) return problem;
  return readNodeTls(message["nodeTls"], lb);
}

void writeTls(const LoadBalancerState& lb, json::Value& message) {
  if (lb.tls) message.set("sslTermination", writeTermination(*lb.tls));
  if (lb.https_redirect) message.set("httpsRedirect", true);
  if (lb.node_tls != NodeTlsState{}) message.set("nodeTls", writeNodeTls(lb.node_tls));
}

void hideKeys(json::Value& update) {
  const auto load_balancers = update["loadBalancers"];
  for (std::size_t i = 0; load_balancers.isArray() && i < load_balancers.size(); ++i) {
    const auto termination = load_balancers[i]["sslTermination"];
    hideKey(termination, kKey);
    const auto mappings = termination["certificateMappings"];
    for (std::size_t j = 0; mappings.isArray() && j < mappings.size(); ++j) hideKey(mappings[j], kMappingKey);
  }
}

}  // namespace libra::protocol

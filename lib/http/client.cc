#include "lib/http/client.h"

#include <curl/curl.h>

#include <algorithm>

#include "lib/base/handles.h"

namespace libra::http {

namespace {

using Curl = std::unique_ptr<CURL, FreeWith<curl_easy_cleanup>>;
using CurlList = std::unique_ptr<curl_slist, FreeWith<curl_slist_free_all>>;

// What an answer is collected in.
struct Answer {
  Response response;
  std::size_t most;
};

std::size_t onBody(char* data, std::size_t one, std::size_t size, void* to) noexcept {
  auto& answer = *static_cast<Answer*>(to);
  if (size > answer.most - answer.response.body.size()) return 0;  // makes the transfer fail
  answer.response.body.append(data, one * size);
  return one * size;
}

void addHeader(Response& response, std::string_view line) {
  while (line.ends_with('\n') || line.ends_with('\r')) line.remove_suffix(1);
  const auto colon = line.find(':');
  if (line.starts_with("HTTP/")) response.headers = {};  // what came before was an interim answer's
  if (colon == line.npos) return;
  std::string_view value = line.substr(colon + 1);
  value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
  response.headers.add(std::string(line.substr(0, colon)), std::string(value));
}

std::size_t onHeader(char* data, std::size_t one, std::size_t size, void* to) noexcept {
  addHeader(static_cast<Answer*>(to)->response, {data, one * size});
  return one * size;
}

bool append(CurlList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) return false;
  (void)list.release();
  list.reset(longer);
  return true;
}

// False when a header would break out of its line.
bool appendAll(CurlList& list, const Headers& headers) {
  for (const auto& [name, value] : headers) {
    if (!isToken(name) || !isFieldValue(value)) return false;
    if (!append(list, name + (value.empty() ? ";" : ": " + value))) return false;  // "name;": curl's way to say empty
  }
  return true;
}

}  // namespace

struct Client::Impl {
  explicit Impl(Options with) : options(std::move(with)) {
    static const CURLcode kReady = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (kReady == CURLE_OK) curl.reset(curl_easy_init());
  }

  void prepare();
  void prepareTls();
  void prepareRequest(const std::string& method, const std::string& path, const std::string& body);
  Result<Response> perform();
  std::string failure(CURLcode code) const;

  template <typename T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(curl.get(), option, value);
  }

  const Options options;
  Curl curl;
  char error[CURL_ERROR_SIZE] = "";
};

// Resetting keeps the connection and forgets all of the last request.
void Client::Impl::prepare() {
  curl_easy_reset(curl.get());
  error[0] = '\0';
  set(CURLOPT_ERRORBUFFER, error);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROXY, "");
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_PATH_AS_IS, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
  prepareTls();
}

void Client::Impl::prepareTls() {
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options.ca_file.empty()) {
    set(CURLOPT_CAINFO, options.ca_file.c_str());
    set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // else the system's are trusted as well
  }
  if (options.certificate.empty()) return;
  set(CURLOPT_SSLCERT, options.certificate.c_str());
  set(CURLOPT_SSLKEY, options.key.c_str());
}

void Client::Impl::prepareRequest(const std::string& method, const std::string& path, const std::string& body) {
  set(CURLOPT_URL, (options.base_url + path).c_str());
  const bool sends_body = !body.empty() || method == "POST" || method == "PUT" || method == "PATCH";
  if (method == "HEAD") {
    set(CURLOPT_NOBODY, 1L);
  } else if (sends_body) {
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    set(CURLOPT_POSTFIELDS, body.data());
  }
  set(CURLOPT_CUSTOMREQUEST, method.c_str());
}

Result<Response> Client::Impl::perform() {
  Answer answer{{}, options.largest_answer};
  set(CURLOPT_WRITEFUNCTION, onBody);
  set(CURLOPT_WRITEDATA, &answer);
  set(CURLOPT_HEADERFUNCTION, onHeader);
  set(CURLOPT_HEADERDATA, &answer);
  if (const CURLcode code = curl_easy_perform(curl.get()); code != CURLE_OK)
    return Error{ErrorCode::Unavailable, failure(code)};
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.response.status = static_cast<int>(status);
  answer.response.content_type = answer.response.headers.get("Content-Type");
  return std::move(answer.response);
}

std::string Client::Impl::failure(CURLcode code) const {
  if (code == CURLE_WRITE_ERROR)
    return options.base_url + ": the answer is longer than " + std::to_string(options.largest_answer) + " bytes";
  return options.base_url + ": " + (error[0] ? error : curl_easy_strerror(code));
}

Client::Client(Options options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;

Result<Response> Client::send(const std::string& method, const std::string& path, const std::string& body,
                              const Headers& headers) {
  if (!impl_->curl) return Error{ErrorCode::Internal, "no HTTP client (libcurl does not start)"};
  if (!isToken(method)) return Error{ErrorCode::Invalid, "'" + method + "' is no HTTP method"};
  CurlList lines;
  const bool typed = impl_->options.headers.has("Content-Type") || headers.has("Content-Type");
  const std::string type = body.empty() ? "Content-Type:" : "Content-Type: application/json";
  if ((!typed && !append(lines, type)) || !append(lines, "Expect:") || !appendAll(lines, impl_->options.headers) ||
      !appendAll(lines, headers))
    return Error{ErrorCode::Invalid, "a header holds what no header may"};
  impl_->prepare();
  impl_->prepareRequest(method, path, body);
  impl_->set(CURLOPT_HTTPHEADER, lines.get());
  return impl_->perform();
}

}  // namespace libra::http

#pragma once

#include <ctime>
#include <string>
#include <string_view>

#include "lib/http/message.h"

namespace libra::http {

// What of an answer depends on its request and connection.
struct Framing {
  bool head = false;   // answer to HEAD: the length of the body, but no body
  bool close = false;  // the connection ends after it
};

// Whether the body of the answer goes over the wire.
bool sendsBody(const Response& response, const Framing& framing);

// Status line and headers with the empty line that ends them. Content-Length, Date and
// Connection are put in here; headers of the response that name these, or that would
// break out of their line, are left out.
std::string responseHead(const Response& response, const Framing& framing, std::time_t now);

}  // namespace libra::http

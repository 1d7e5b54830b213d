#pragma once

#include <event2/bufferevent.h>
#include <event2/dns.h>

#include <memory>
#include <string>

#include "lib/base/handles.h"
#include "lib/event/loop.h"
#include "lib/gear/server_address.h"
#include "lib/tls/context.h"

namespace libra::gear {

using Bufferevent = std::unique_ptr<bufferevent, FreeWith<bufferevent_free>>;

// Opens connections to one job server. Loop thread only.
class Upstream {
 public:
  // Without a context in clear text.
  Upstream(EventLoop& loop, ServerAddress server, std::shared_ptr<tls::ReloadingContext> context);

  // A connection not yet begun: set its callbacks, then connect(). BEV_EVENT_CONNECTED
  // says that the server has shown a certificate of our authority for its host.
  Result<Bufferevent> socket();
  void connect(bufferevent* socket);  // may call the event callback at once

  const std::string& name() const { return server_.text; }

 private:
  static void freeDns(evdns_base* dns) { evdns_base_free(dns, 0); }

  EventLoop& loop_;
  const ServerAddress server_;
  const std::shared_ptr<tls::ReloadingContext> context_;
  std::unique_ptr<evdns_base, FreeWith<freeDns>> dns_;  // for a name only
};

// Why `socket` reported BEV_EVENT_ERROR or BEV_EVENT_EOF in `what`, in words.
std::string failureText(bufferevent* socket, short what);

// A connected socket sends small packets at once (no Nagle) and is not inherited.
void prepare(int fd);

}  // namespace libra::gear

/*
 * Gives new TCP connections to a VIP and port the proxy's listening socket, whatever that
 * is bound to. Runs where the kernel looks for a listener; established connections never
 * come here. Everything it does not know goes the kernel's usual way.
 */

#include <linux/bpf.h>
#include <linux/in.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "steer.h"

enum { INET = 2, INET6 = 10 }; /* <sys/socket.h> is not for this target */

struct {
  __uint(type, BPF_MAP_TYPE_HASH);
  __uint(max_entries, STEER_MOST_VIPS);
  __type(key, struct steer_vip);
  __type(value, __u32);
} vips SEC(".maps");

struct {
  __uint(type, BPF_MAP_TYPE_SOCKMAP);
  __uint(max_entries, STEER_MOST_LISTENERS);
  __type(key, __u32);
  __type(value, __u64);
} listeners SEC(".maps");

static __always_inline struct steer_vip destination(const struct bpf_sk_lookup *ctx) {
  struct steer_vip vip = {.port = ctx->local_port};

  if (ctx->family == INET6) {
    vip.address[0] = ctx->local_ip6[0];
    vip.address[1] = ctx->local_ip6[1];
    vip.address[2] = ctx->local_ip6[2];
    vip.address[3] = ctx->local_ip6[3];
    barrier(); /* else both branches' last load is made one, by a pointer the verifier refuses */
  } else {
    vip.address[2] = bpf_htonl(0xffff);
    vip.address[3] = ctx->local_ip4;
  }
  return vip;
}

SEC("sk_lookup")
int steer(struct bpf_sk_lookup *ctx) {
  struct steer_vip vip = destination(ctx), any = {.port = vip.port};
  struct bpf_sock *socket;
  __u32 *to, listener;
  long error;

  if (ctx->protocol != IPPROTO_TCP) return SK_PASS;
  to = bpf_map_lookup_elem(&vips, &vip);
  if (!to) to = bpf_map_lookup_elem(&vips, &any);
  if (!to) return SK_PASS;

  listener = *to + (ctx->family == INET6);
  socket = bpf_map_lookup_elem(&listeners, &listener);
  if (!socket) return SK_PASS; /* the proxy is down: who listens on that very port may answer */
  error = bpf_sk_assign(ctx, socket, 0);
  bpf_sk_release(socket);
  return error ? SK_DROP : SK_PASS;
}

char LICENSE[] SEC("license") = "Apache-2.0"; /* none of the helpers it calls asks for more */

#pragma once

/* What the kernel's program, its loader and the sidecar agree on. C and C++. */

#include <linux/types.h>

/* Names of the pins in a device's folder. */
#define STEER_PIN_VIPS "vips"
#define STEER_PIN_LISTENERS "listeners"
#define STEER_PIN_LINK "link" /* made last: without it the folder is incomplete */

enum {
  STEER_MOST_VIPS = 4096,
  STEER_PROXY = 0,     /* values of the map of VIPs: the listener for IPv4; the next is for IPv6 */
  STEER_SELF_TEST = 2, /* the sidecar's own, by which it proves that steering works */
  STEER_MOST_LISTENERS = 4
};

/* A key of the map of VIPs. */
struct steer_vip {
  __u32 address[4]; /* network order; IPv4 as ::ffff:a.b.c.d; all zero: any address */
  __u32 port;       /* host order */
};

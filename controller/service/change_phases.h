#pragma once

#include "lib/metrics/histogram.h"

namespace libra::service {

// Where the time of a change goes, from the commit on; what the request took is the
// API's to tell. Thread-safe.
struct ChangePhases {
  metrics::Histogram commit;   // COMMIT of any transaction that wrote
  metrics::Histogram gearman;  // a job's way to the device and back: the round trip without the next
  metrics::Histogram device;   // what the device says it took
};

}  // namespace libra::service

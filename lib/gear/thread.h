#pragma once

#include <pthread.h>
#include <signal.h>

namespace libra::gear {

// First act of each of our threads. A peer that is gone must be an error of write(),
// whatever the program does with SIGPIPE: OpenSSL and libevent write without MSG_NOSIGNAL.
inline void beginThread(const char* name) {
  ::pthread_setname_np(::pthread_self(), name);
  sigset_t broken_pipe;
  ::sigemptyset(&broken_pipe);
  ::sigaddset(&broken_pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
}

}  // namespace libra::gear

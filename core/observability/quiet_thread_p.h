#pragma once

#include <pthread.h>

#include <csignal>
#include <thread>
#include <utility>

namespace trendscope::observability {

/// A thread that handles no signals: those are the program's.
template <class Function>
std::thread quietThread(Function function)
{
    sigset_t all;
    sigset_t before;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    std::thread thread(std::move(function));
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return thread;
}

} // namespace trendscope::observability

#pragma once

#include "core/observability/spin_lock_p.h"

#include <array>
#include <cstddef>
#include <span>

namespace trendscope::observability {

/// A histogram's counts and sum, spread over several copies as soon as writers meet, so that they
/// don't wait for each other. In each copy counts and sum agree, and so they do in the total.
class Stripes {
public:
    explicit Stripes(std::size_t buckets); ///< with +Inf's
    ~Stripes();
    Stripes(const Stripes &) = delete;
    Stripes &operator=(const Stripes &) = delete;

    void observe(std::size_t bucket, double value, double count)
    {
        Stripe *stripe = m_stripes[ownIndex() & m_mask.load(std::memory_order_acquire)].load(
            std::memory_order_acquire);
        if (!stripe->lock.try_lock()) [[unlikely]]
            stripe = &lockElsewhere();
        stripe->sum += value * count;
        stripe->counts()[bucket] += count;
        stripe->lock.unlock();
    }

    void addTo(std::span<double> counts, double &sum) const;
    void reset();

private:
    /// On cache lines of its own; the counts follow in the same piece of memory.
    struct alignas(64) Stripe {
        SpinLock lock;
        double sum = 0;

        double *counts() { return &sum + 1; }
    };
    static constexpr std::size_t most = 8;

    /// Which thread it is, as far as a stripe's choice goes: thread-local variables of different
    /// threads have different addresses.
    static std::size_t ownIndex()
    {
        return (reinterpret_cast<std::uintptr_t>(&s_here) * 0x9E3779B97F4A7C15U) >> 60;
    }
    static constinit thread_local char s_here [[gnu::tls_model("initial-exec")]];

    Stripe *make() const;
    Stripe &lockElsewhere();
    template <class Visit>
    void forEach(Visit visit) const;

    const std::size_t m_buckets;
    std::atomic<std::size_t> m_mask = 0; ///< of the stripes that are in use
    std::array<std::atomic<Stripe *>, most> m_stripes{};
};

} // namespace trendscope::observability

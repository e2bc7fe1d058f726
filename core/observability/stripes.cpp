#include "core/observability/stripes_p.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <new>

namespace trendscope::observability {

constinit thread_local char Stripes::s_here [[gnu::tls_model("initial-exec")]] = 0;

Stripes::Stripes(std::size_t buckets)
    : m_buckets(buckets)
{
    m_stripes[0] = make();
}

Stripes::~Stripes()
{
    for (const auto &stripe : m_stripes)
        ::operator delete(stripe.load(), std::align_val_t(alignof(Stripe)));
}

Stripes::Stripe *Stripes::make() const
{
    const std::size_t size =
        std::max(sizeof(Stripe), offsetof(Stripe, sum) + (1 + m_buckets) * sizeof(double));
    void *const memory = ::operator new(size, std::align_val_t(alignof(Stripe)));
    auto *const stripe = new (memory) Stripe;
    std::uninitialized_fill_n(stripe->counts(), m_buckets, 0.0);
    return stripe;
}

/// Two writers have met: there are twice as many stripes from now on, and where there are enough,
/// one that is free is taken.
Stripes::Stripe &Stripes::lockElsewhere()
{
    std::size_t mask = m_mask.load(std::memory_order_acquire);
    if (mask + 1 < most) {
        const std::size_t grown = 2 * mask + 1;
        for (std::size_t i = mask + 1; i <= grown; ++i) {
            Stripe *expected = nullptr;
            Stripe *const added = make();
            if (!m_stripes[i].compare_exchange_strong(expected, added)) // another was as fast
                ::operator delete(added, std::align_val_t(alignof(Stripe)));
        }
        m_mask.compare_exchange_strong(mask, grown);
        mask = grown;
    }
    const std::size_t own = ownIndex();
    for (std::size_t i = 0; i <= mask; ++i) {
        Stripe &stripe = *m_stripes[(own + i) & mask].load(std::memory_order_acquire);
        if (stripe.lock.try_lock())
            return stripe;
    }
    Stripe &stripe = *m_stripes[own & mask].load(std::memory_order_acquire);
    stripe.lock.lock();
    return stripe;
}

template <class Visit>
void Stripes::forEach(Visit visit) const
{
    for (const auto &place : m_stripes) {
        if (Stripe *const stripe = place.load(std::memory_order_acquire)) {
            const std::scoped_lock lock(stripe->lock);
            visit(*stripe);
        }
    }
}

void Stripes::addTo(std::span<double> counts, double &sum) const
{
    forEach([&](Stripe &stripe) {
        sum += stripe.sum;
        for (std::size_t i = 0; i < m_buckets; ++i)
            counts[i] += stripe.counts()[i];
    });
}

void Stripes::reset()
{
    forEach([&](Stripe &stripe) {
        stripe.sum = 0;
        std::fill_n(stripe.counts(), m_buckets, 0.0);
    });
}

} // namespace trendscope::observability

#include "core/observability/series_cache_p.h"

namespace trendscope::observability {

constinit thread_local SeriesCache::Slot *SeriesCache::s_slots [[gnu::tls_model("initial-exec")]] =
    nullptr;

/// Apart from the pointer to it: a thread-local object with a destructor is guarded at every
/// access.
class SeriesCache::Owner {
public:
    Owner() { s_slots = m_slots.get(); }
    ~Owner()
    {
        s_slots = nullptr;
        for (std::size_t i = 0; i < size; ++i) {
            if (m_slots[i].series)
                m_slots[i].series->release();
        }
        m_slots.reset();
    }
    Owner(const Owner &) = delete;
    Owner &operator=(const Owner &) = delete;

    void keep(Series &series)
    {
        if (!m_slots) // the thread is ending
            return;
        Slot &slot = m_slots[series.hash() % size];
        series.retain();
        if (slot.series)
            slot.series->release();
        slot = {series.hash(), &series};
    }

private:
    std::unique_ptr<Slot[]> m_slots = std::make_unique<Slot[]>(size);
};

void SeriesCache::keep(Series &series)
{
    thread_local Owner owner;
    owner.keep(series);
}

} // namespace trendscope::observability

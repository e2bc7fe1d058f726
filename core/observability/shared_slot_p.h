#pragma once

#include <pthread.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <thread>

namespace trendscope::observability {

/// An object that many threads use and that can be replaced meanwhile. Using it costs two atomic
/// operations on a place that few other threads touch; std::atomic<std::shared_ptr> has one place
/// for all of them.
template <class T>
class SharedSlot {
public:
    explicit SharedSlot(std::unique_ptr<T> first)
        : m_owned(std::move(first))
        , m_current(m_owned.get())
    {
    }

    class Use {
    public:
        Use(T &object, std::atomic<int> &users)
            : m_object(object)
            , m_users(users)
        {
        }
        ~Use() { m_users.fetch_sub(1, std::memory_order_release); }
        Use(const Use &) = delete;
        Use &operator=(const Use &) = delete;

        T *operator->() const { return &m_object; }
        T &operator*() const { return m_object; }

    private:
        T &m_object;
        std::atomic<int> &m_users;
    };

    Use use()
    {
        for (;;) {
            const unsigned epoch = m_epoch.load();
            std::atomic<int> &users = m_users->counts[epoch % 2][stripe()].count;
            users.fetch_add(1);
            // Whoever ends this epoch now sees us and waits.
            if (m_epoch.load() == epoch)
                return Use(*m_current.load(), users);
            users.fetch_sub(1);
        }
    }

    /// Returns the former object, which nobody uses any more. Not while this thread uses it.
    std::unique_ptr<T> replace(std::unique_ptr<T> next)
    {
        const std::lock_guard lock(m_mutex);
        m_current.store(next.get());
        m_owned.swap(next);
        awaitUsers();
        return next;
    }

    /// Returns when all uses that began before have ended.
    void settle()
    {
        const std::lock_guard lock(m_mutex);
        awaitUsers();
    }

    const T &inParent() const { return *m_current.load(); }
    /// In a child process, before it uses it: the uses of the parent's threads end nowhere. Returns
    /// the former object, which may have threads that don't exist.
    T *leaveBehind(std::unique_ptr<T> next)
    {
        auto users = std::make_unique<AllUsers>();
        users->former = std::move(m_users);
        m_users = std::move(users);
        new (&m_mutex) std::mutex; // a thread of the parent may have locked it
        T *const former = m_owned.release();
        m_owned = std::move(next);
        m_current.store(m_owned.get());
        return former;
    }

private:
    static constexpr std::size_t stripes = 16;
    struct alignas(64) Users {
        std::atomic<int> count = 0;
    };
    struct AllUsers {
        std::array<std::array<Users, stripes>, 2> counts;
        std::unique_ptr<AllUsers> former; ///< a use that began before the fork may end in the child
    };

    static std::size_t stripe()
    {
        constexpr unsigned descriptorSize = 12; // bits; threads' descriptors are pages apart
        return (static_cast<std::uintptr_t>(::pthread_self()) >> descriptorSize) % stripes;
    }

    void awaitUsers()
    {
        const unsigned epoch = m_epoch.fetch_add(1);
        for (const Users &users : m_users->counts[epoch % 2]) {
            while (users.count.load(std::memory_order_acquire) != 0)
                std::this_thread::sleep_for(std::chrono::microseconds(100));
        }
    }

    std::mutex m_mutex; ///< of those who replace
    std::unique_ptr<T> m_owned;
    std::atomic<T *> m_current;
    std::atomic<unsigned> m_epoch = 0;
    std::unique_ptr<AllUsers> m_users = std::make_unique<AllUsers>();
};

} // namespace trendscope::observability

#pragma once

#include <utility>

namespace trendscope::observability {

/// A counted reference of a T, which has retain() and release(). One pointer wide, and no lock or
/// second piece of memory behind it.
template <class T>
class Reference {
public:
    Reference() = default;
    explicit Reference(T *counted)
        : m_object(counted)
    {
    }
    static Reference to(T &object)
    {
        object.retain();
        return Reference(&object);
    }
    Reference(const Reference &) = delete;
    Reference &operator=(const Reference &) = delete;
    Reference(Reference &&other) noexcept
        : m_object(other.take())
    {
    }
    Reference &operator=(Reference &&other) noexcept
    {
        std::swap(m_object, other.m_object);
        return *this;
    }
    ~Reference()
    {
        if (m_object)
            m_object->release();
    }

    T *take() { return std::exchange(m_object, nullptr); }
    T *get() const { return m_object; }
    T &operator*() const { return *m_object; }
    T *operator->() const { return m_object; }
    explicit operator bool() const { return m_object != nullptr; }

private:
    T *m_object = nullptr;
};

} // namespace trendscope::observability

#pragma once

#include "core/observability/text_p.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <string_view>

namespace trendscope::observability {

/// A sample's text is its name, labels and value; what goes around them differs.
struct SampleFormat {
    bool isOpenMetrics = false;
    std::string_view extraLabels = {}; ///< as they are written; may be empty
    std::string_view suffix = "\n";    ///< after the value: a timestamp, the line's end
};

/// Copies a short text and gives the copy's end. The last block overlaps the one before, so it
/// touches nothing but the text, in less time than a call takes.
inline char *copyText(char *place, std::string_view text)
{
    const auto copyAs = [&](auto block) {
        constexpr std::size_t size = sizeof block;
        for (std::size_t at = 0; at + size < text.size(); at += size)
            std::memcpy(place + at, text.data() + at, size);
        std::memcpy(place + text.size() - size, text.data() + text.size() - size, size);
    };
    if (text.size() >= 32)
        copyAs(std::array<char, 32>());
    else if (text.size() >= 8)
        copyAs(std::array<char, 8>());
    else
        std::copy(text.begin(), text.end(), place);
    return place + text.size();
}

/// Appends small pieces to a text, by way of a small buffer: less work for each than the text's
/// own append().
class SampleWriter {
public:
    explicit SampleWriter(std::string &out)
        : m_out(out)
    {
    }
    ~SampleWriter() { flush(); }
    SampleWriter(const SampleWriter &) = delete;
    SampleWriter &operator=(const SampleWriter &) = delete;

    SampleWriter &operator<<(std::string_view text)
    {
        if (text.size() > m_buffer.size() - m_used) [[unlikely]] {
            flush();
            if (text.size() > m_buffer.size()) {
                m_out += text;
                return *this;
            }
        }
        std::memcpy(m_buffer.data() + m_used, text.data(), text.size());
        m_used += text.size();
        return *this;
    }
    SampleWriter &operator<<(char character)
    {
        if (m_used == m_buffer.size()) [[unlikely]]
            flush();
        m_buffer[m_used++] = character;
        return *this;
    }
    SampleWriter &operator<<(double value)
    {
        if (m_buffer.size() - m_used < text::longestNumber) [[unlikely]]
            flush();
        m_used += text::writeNumber(m_buffer.data() + m_used, value);
        return *this;
    }

    /// Room for that many bytes, for who writes there himself and tells with wrote() where he
    /// ended; null when it is too much.
    char *room(std::size_t size)
    {
        if (size > m_buffer.size() - m_used) [[unlikely]] {
            flush();
            if (size > m_buffer.size())
                return nullptr;
        }
        return m_buffer.data() + m_used;
    }
    void wrote(const char *end) { m_used = static_cast<std::size_t>(end - m_buffer.data()); }

    /// The text, whole, for what can only append to that.
    std::string &text()
    {
        flush();
        return m_out;
    }

private:
    void flush()
    {
        m_out.append(m_buffer.data(), m_used);
        m_used = 0;
    }

    std::string &m_out;
    /// A few samples: so much that the stores of a copy find room while others are on their way.
    std::array<char, 512> m_buffer;
    std::size_t m_used = 0;
};

} // namespace trendscope::observability

#pragma once

#include "core/observability/text_p.h"

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
    std::array<char, 8192> m_buffer;
    std::size_t m_used = 0;
};

} // namespace trendscope::observability

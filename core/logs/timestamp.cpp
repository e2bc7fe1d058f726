#include "core/logs/record.h"

namespace trendscope::logs {
namespace {

using namespace std::chrono;

/// Reads a timestamp from left to right; every step says whether the text still fits.
class Scanner {
public:
    explicit Scanner(std::string_view text)
        : m_text(text)
    {
    }

    bool atEnd() const { return m_at == m_text.size(); }

    bool digits(std::size_t count, int &value)
    {
        if (m_text.size() - m_at < count)
            return false;
        value = 0;
        for (std::size_t i = 0; i < count; ++i) {
            const char c = m_text[m_at + i];
            if (c < '0' || c > '9')
                return false;
            value = value * 10 + (c - '0');
        }
        m_at += count;
        return true;
    }

    char oneOf(std::string_view allowed)
    {
        if (atEnd() || allowed.find(m_text[m_at]) == std::string_view::npos)
            return '\0';
        return m_text[m_at++];
    }

    /// The digits of a fraction of a second; finer than a microsecond is dropped.
    bool fraction(microseconds &value)
    {
        int micros = 0;
        std::size_t count = 0;
        while (!atEnd() && m_text[m_at] >= '0' && m_text[m_at] <= '9') {
            if (count++ < 6)
                micros = micros * 10 + (m_text[m_at] - '0');
            ++m_at;
        }
        for (std::size_t i = count; i < 6; ++i)
            micros *= 10;
        value = microseconds(micros);
        return count > 0;
    }

private:
    std::string_view m_text;
    std::size_t m_at = 0;
};

bool parseDate(Scanner &scanner, sys_days &day)
{
    int y = 0;
    int m = 0;
    int d = 0;
    if (!scanner.digits(4, y) || !scanner.oneOf("-/") || !scanner.digits(2, m)
        || !scanner.oneOf("-/") || !scanner.digits(2, d))
        return false;
    const year_month_day date{year(y), month(static_cast<unsigned>(m)),
                              std::chrono::day(static_cast<unsigned>(d))};
    day = date;
    return date.ok();
}

bool parseTimeOfDay(Scanner &scanner, microseconds &time)
{
    int h = 0;
    int m = 0;
    int s = 0;
    if (!scanner.digits(2, h) || !scanner.oneOf(":") || !scanner.digits(2, m))
        return false;
    if (scanner.oneOf(":") && !scanner.digits(2, s))
        return false;
    microseconds fraction{0};
    if (scanner.oneOf(".,") && !scanner.fraction(fraction))
        return false;
    time = hours(h) + minutes(m) + seconds(s) + fraction;
    return h < 24 && m < 60 && s <= 60; // 60: a leap second
}

/// `Z`, `+hh`, `+hhmm`, `+hh:mm` or nothing.
bool parseOffset(Scanner &scanner, minutes &offset)
{
    scanner.oneOf(" ");
    if (scanner.atEnd() || scanner.oneOf("Zz"))
        return true;
    const char sign = scanner.oneOf("+-");
    int h = 0;
    int m = 0;
    if (!sign || !scanner.digits(2, h))
        return false;
    scanner.oneOf(":");
    if (!scanner.atEnd() && !scanner.digits(2, m))
        return false;
    offset = (hours(h) + minutes(m)) * (sign == '-' ? -1 : 1);
    return true;
}

} // namespace

std::optional<Timestamp> parseTimestamp(std::string_view text)
{
    Scanner scanner(text);
    sys_days day;
    microseconds time{0};
    minutes offset{0};
    if (!parseDate(scanner, day) || !scanner.oneOf("Tt ") || !parseTimeOfDay(scanner, time)
        || !parseOffset(scanner, offset) || !scanner.atEnd())
        return std::nullopt;
    return Timestamp(day) + time - offset;
}

} // namespace trendscope::logs

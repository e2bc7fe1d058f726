#include "core/observability/json_p.h"
#include "core/observability/key_text_p.h"
#include "core/observability/text_p.h"
#include "core/observability/traits_p.h"

#include <array>
#include <charconv>
#include <cmath>

namespace trendscope::observability::json {

namespace {

bool isPlain(char c)
{
    return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; // not of UTF-8 either: char is signed
}

void appendQuoted(std::string &out, std::string_view plain)
{
    const std::size_t size = out.size();
    out.resize(size + plain.size() + 2); // one growth instead of three
    char *const to = out.data() + size;
    to[0] = '"';
    plain.copy(to + 1, plain.size());
    to[plain.size() + 1] = '"';
}

/// What is plain in runs, the rest by text::appendJson in runs, too: it is given whole characters.
void appendEscaped(std::string &out, std::string_view text)
{
    out += '"';
    while (!text.empty()) {
        std::size_t plain = 0;
        while (plain < text.size() && isPlain(text[plain]))
            ++plain;
        out.append(text.substr(0, plain));
        text.remove_prefix(plain);
        std::size_t special = 0;
        while (special < text.size() && !isPlain(text[special]))
            ++special;
        if (special == 0)
            continue;
        text::appendJsonContent(out, text.substr(0, special));
        text.remove_prefix(special);
    }
    out += '"';
}

template <class Number>
void appendDigits(std::string &out, Number number)
{
    std::array<char, 24> buffer;
    out.append(buffer.data(),
               std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr);
}

/// One kind of value each.
class Appender {
public:
    Appender(std::string &out, const Redactor &redactor)
        : m_out(out)
        , m_redactor(redactor)
    {
    }

    void operator()(std::nullptr_t) const { m_out += "null"; }
    void operator()(bool value) const { m_out += value ? "true" : "false"; }
    void operator()(std::int64_t value) const
    {
        if (value > 0)
            return (*this)(static_cast<std::uint64_t>(value));
        appendDigits(m_out, value);
    }
    void operator()(std::uint64_t value) const
    {
        if (m_redactor.hidesNumber(static_cast<unsigned long long>(value)))
            return appendString(m_out, m_redactor.maskText());
        appendDigits(m_out, value);
    }
    void operator()(double value) const
    {
        if (m_redactor.hidesNumber(value))
            return appendString(m_out, m_redactor.maskText());
        if (!std::isfinite(value))
            m_out += '"';
        text::appendNumber(m_out, value);
        if (!std::isfinite(value))
            m_out += '"';
    }
    void operator()(std::string_view value) const { appendText(m_out, value, m_redactor); }

private:
    std::string &m_out;
    const Redactor &m_redactor;
};

} // namespace

void appendString(std::string &out, std::string_view text)
{
    if (text::traitsOf(text).isPlain)
        appendQuoted(out, text);
    else
        appendEscaped(out, text);
}

void appendText(std::string &out, std::string_view text, const Redactor &redactor)
{
    const text::Traits traits = text::traitsOf(text);
    std::string masked;
    if ((traits.isSuspicious || redactor.hasPatterns()) && redactor.mask(text, masked))
        return appendString(out, masked);
    if (traits.isPlain)
        appendQuoted(out, text);
    else
        appendEscaped(out, text);
}

void appendValue(std::string &out, const Value &value, const Redactor &redactor)
{
    std::visit(Appender(out, redactor), value.variant());
}

void appendField(std::string &out, const Field &field, const Redactor &redactor)
{
    const KeyText key(field.key, redactor);
    out += key.form().json;
    if (key.form().isSecret)
        appendString(out, redactor.maskText());
    else
        appendValue(out, field.value, redactor);
}

} // namespace trendscope::observability::json

#include "core/logs/stream_format.h"

#include "core/logs/utf8_p.h"

#include <openssl/evp.h>
#include <simdjson.h>

#include <array>
#include <cstdint>
#include <ctime>

namespace trendscope::logs::stream {

namespace {

void appendString(std::string &out, std::string_view text)
{
    constexpr std::string_view digits = "0123456789abcdef";
    out += '"';
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\')
            (out += '\\') += c;
        else if (byte < 0x20)
            ((out += "\\u00") += digits[byte >> 4]) += digits[byte & 15];
        else
            out += c;
    }
    out += '"';
}

std::string textControl(std::string_view name, std::string_view text)
{
    std::string out(prefix);
    ((out += '"') += name) += "\":";
    appendString(out,
                 simdjson::validate_utf8(text) ? std::string(text) : withoutInvalidBytes(text));
    return out += "}}\n";
}

std::string numberControl(std::string_view name, std::size_t number, std::string_view more = {})
{
    std::string out(prefix);
    (((out += '"') += name) += "\":") += std::to_string(number);
    return (out += more) += "}}\n";
}

std::string base64(std::string_view bytes)
{
    std::string out((bytes.size() + 2) / 3 * 4, '\0'); // and a zero behind it, which a string has
    ::EVP_EncodeBlock(reinterpret_cast<unsigned char *>(out.data()),
                      reinterpret_cast<const unsigned char *>(bytes.data()),
                      static_cast<int>(bytes.size()));
    return out;
}

} // namespace

std::string begin()
{
    return numberControl("version", 1);
}

std::string file(std::string_view path)
{
    return textControl("file", path);
}

std::string tail(std::size_t records, bool isCut)
{
    return numberControl("tail", records, isCut ? ",\"is_cut\":true" : "");
}

std::string heartbeat(std::chrono::system_clock::time_point now)
{
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 32> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%FT%TZ", &parts);
    return textControl("time", {text.data(), size});
}

std::string dropped(std::size_t records)
{
    return numberControl("dropped", records);
}

std::string tooLong(std::size_t records)
{
    return numberControl("too_long", records);
}

std::string problem(std::string_view text)
{
    return textControl("problem", text);
}

struct Encoder::Private {
    simdjson::dom::parser parser;
    std::string padded;
    std::string line;

    /// The whole of it is checked, which on-demand parsing would not.
    bool goesAsItIs(std::string_view text)
    {
        const auto first = text.find_first_not_of(" \t");
        if (first == text.npos || text[first] != '{')
            return false;
        padded.assign(text);
        padded.append(simdjson::SIMDJSON_PADDING, '\0');
        simdjson::dom::object object;
        const bool isObject =
            !parser.parse(padded.data(), text.size(), false).get_object().get(object);
        return isObject && object.at_key(key).error() == simdjson::NO_SUCH_FIELD;
    }
};

Encoder::Encoder()
    : d(std::make_unique<Private>())
{
}

Encoder::~Encoder() = default;

std::string_view Encoder::encode(std::string_view text)
{
    if (d->goesAsItIs(text))
        (d->line = text) += '\n';
    else if (simdjson::validate_utf8(text))
        d->line = textControl("line", text);
    else
        d->line = textControl("base64", base64(text));
    return d->line;
}

} // namespace trendscope::logs::stream

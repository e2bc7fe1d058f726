#include "core/logs/stream_decoder.h"

#include "core/logs/stream_format.h"

#include <openssl/evp.h>
#include <simdjson.h>

namespace trendscope::logs::stream {

namespace {

namespace dom = simdjson::dom;

std::optional<std::string> fromBase64(std::string_view text)
{
    std::string out(text.size() / 4 * 3 + 3, '\0');
    const int size = ::EVP_DecodeBlock(reinterpret_cast<unsigned char *>(out.data()),
                                       reinterpret_cast<const unsigned char *>(text.data()),
                                       static_cast<int>(text.size()));
    const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
    if (size < static_cast<int>(padding) || text.find('=') < text.size() - padding)
        return {};
    out.resize(static_cast<std::size_t>(size) - padding);
    return out;
}

template <class Value>
std::optional<Value> valueOf(const dom::object &object, std::string_view key)
{
    Value value{};
    if (object.at_key(key).get(value))
        return {};
    return value;
}

} // namespace

struct Decoder::Private {
    dom::parser parser;
    std::string padded;
    std::string partial; ///< a line whose end has not come
    bool isTooLong = false;
    std::string file;

    void takeLine(std::string_view line, Receiver &receiver)
    {
        if (!line.starts_with(prefix))
            receiver.takeLine(file, line);
        else if (!takeControl(line, receiver))
            receiver.takeMissing(file, Receiver::Missing::Unreadable, 1);
    }

    bool takeControl(std::string_view line, Receiver &receiver)
    {
        padded.assign(line);
        padded.append(simdjson::SIMDJSON_PADDING, '\0');
        dom::object object;
        if (parser.parse(padded.data(), line.size(), false).at_key(key).get_object().get(object))
            return false;
        return takeText(object, receiver) && takeNumber(object, receiver);
    }

    bool takeText(const dom::object &object, Receiver &receiver)
    {
        if (const auto name = valueOf<std::string_view>(object, "file"))
            file = *name;
        if (const auto text = valueOf<std::string_view>(object, "line"))
            receiver.takeLine(file, *text);
        if (const auto text = valueOf<std::string_view>(object, "problem"))
            receiver.takeProblem(std::string(*text));
        if (const auto text = valueOf<std::string_view>(object, "time")) {
            if (const auto time = parseTimestamp(*text))
                receiver.takeTime(*time);
        }
        const auto encoded = valueOf<std::string_view>(object, "base64");
        const auto bytes = encoded ? fromBase64(*encoded) : std::nullopt;
        if (bytes)
            receiver.takeLine(file, *bytes);
        return encoded.has_value() == bytes.has_value();
    }

    bool takeNumber(const dom::object &object, Receiver &receiver)
    {
        if (const auto version = valueOf<std::uint64_t>(object, "version"))
            receiver.takeVersion(*version);
        if (const auto records = valueOf<std::uint64_t>(object, "dropped"))
            receiver.takeMissing(file, Receiver::Missing::Dropped, *records);
        if (const auto records = valueOf<std::uint64_t>(object, "too_long"))
            receiver.takeMissing(file, Receiver::Missing::TooLong, *records);
        if (const auto records = valueOf<std::uint64_t>(object, "tail"))
            receiver.takeTailEnd(*records, valueOf<bool>(object, "is_cut").value_or(false));
        return true;
    }
};

Decoder::Decoder()
    : d(std::make_unique<Private>())
{
}

Decoder::~Decoder() = default;

void Decoder::reset()
{
    d->partial.clear();
    d->isTooLong = false;
    d->file.clear();
}

void Decoder::decode(std::string_view bytes, Receiver &receiver)
{
    while (!bytes.empty()) {
        const std::size_t newline = bytes.find('\n');
        const std::string_view part = bytes.substr(0, newline);
        d->isTooLong = d->isTooLong || d->partial.size() + part.size() > longestLine;
        if (newline == bytes.npos) {
            d->partial += part;
            if (d->isTooLong)
                d->partial.clear();
            return;
        }
        if (d->isTooLong)
            receiver.takeMissing(d->file, Receiver::Missing::Unreadable, 1);
        else if (d->partial.empty())
            d->takeLine(part, receiver);
        else
            d->takeLine(d->partial += part, receiver);
        d->partial.clear();
        d->isTooLong = false;
        bytes.remove_prefix(newline + 1);
    }
}

} // namespace trendscope::logs::stream

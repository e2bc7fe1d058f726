#include "core/prom/decode.h"

#include "core/prom/envelope_p.h"

#include <charconv>
#include <cmath>
#include <optional>

namespace trendscope::prom {

namespace ondemand = simdjson::ondemand;

namespace {

/// What `result` holds, whichever type it is said to have: `resultType` may come after it.
struct RawResult {
    std::string type;
    bool present = false;
    std::vector<Series> series;
    bool isPair = false; ///< a scalar or a string: [time, "text"]
    std::int64_t time = 0;
    QString text;
    std::optional<double> value;
};

/// Seconds with a fraction to milliseconds since the epoch.
std::int64_t timeFrom(double seconds)
{
    constexpr double limit = 9e12; // far beyond any date, and its milliseconds still fit
    if (!(std::abs(seconds) < limit))
        throw net::JsonMismatch{"the answer holds a time out of range"};
    return std::llround(seconds * 1000.0);
}

/// Sample values travel as texts, so that NaN and the infinities survive JSON.
std::optional<double> numberFrom(std::string_view text)
{
    if (text.starts_with('+')) // which std::from_chars does not take
        text.remove_prefix(1);
    double value = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failure != std::errc() || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

/// The text between the quotes as it stands: a number holds nothing that would be escaped.
std::string_view quoted(ondemand::value value)
{
    std::string_view token = value.raw_json_token();
    const size_t end = token.find('"', 1);
    if (!token.starts_with('"') || end == std::string_view::npos)
        throw net::JsonMismatch{"the answer holds a sample without a value"};
    return token.substr(1, end - 1);
}

/// `[1700000000.123, "0.5"]`
void readSample(ondemand::value pair, Series &series)
{
    int index = 0;
    for (ondemand::value item : pair.get_array()) {
        if (index == 0) {
            series.times.push_back(timeFrom(item.get_double()));
        } else if (index == 1) {
            const std::optional<double> number = numberFrom(quoted(item));
            if (!number)
                throw net::JsonMismatch{"the answer holds a value that is no number"};
            series.values.push_back(*number);
        }
        ++index;
    }
    const size_t count = series.times.size();
    if (index != 2 || series.values.size() != count)
        throw net::JsonMismatch{"the answer holds a sample that is not a time and a value"};
    if (count > 1 && series.times[count - 2] >= series.times[count - 1])
        throw net::JsonMismatch{"the answer holds samples whose times do not ascend"};
}

void readSamples(ondemand::value samples, Series &series)
{
    for (ondemand::value pair : samples.get_array())
        readSample(pair, series);
}

Series seriesFrom(ondemand::value value)
{
    Series series;
    for (ondemand::field field : value.get_object()) {
        const std::string_view key = field.unescaped_key();
        if (key == "metric")
            series.labels = net::textMapOf(field.value());
        else if (key == "values")
            readSamples(field.value(), series);
        else if (key == "value")
            readSample(field.value(), series);
    }
    return series;
}

void readPairItem(ondemand::value item, size_t index, RawResult &result)
{
    if (index == 0) {
        result.isPair = true;
        result.time = timeFrom(item.get_double());
    } else if (index == 1) {
        const std::string_view text = item.get_string();
        result.text = net::toText(text);
        result.value = numberFrom(text);
    } else {
        throw net::JsonMismatch{"the answer holds a sample that is not a time and a value"};
    }
}

void readResult(ondemand::value value, RawResult &result)
{
    if (value.is_null()) // what an empty result is to some servers
        return;
    size_t index = 0;
    for (ondemand::value item : value.get_array()) {
        if (item.type() == ondemand::json_type::object && !result.isPair)
            result.series.push_back(seriesFrom(item));
        else
            readPairItem(item, index, result);
        ++index;
    }
}

/// True where the shape of the result is the one its type promises.
bool takeResult(RawResult &&raw, Answer &answer)
{
    const bool isMatrix = raw.type == "matrix";
    if (isMatrix || raw.type == "vector") {
        answer.type = isMatrix ? Answer::Type::Matrix : Answer::Type::Vector;
        answer.series = std::move(raw.series);
        return !raw.isPair;
    }
    if (raw.type == "scalar") {
        answer.type = Answer::Type::Scalar;
        if (raw.value)
            answer.series.push_back({{}, {raw.time}, {*raw.value}});
        return raw.value.has_value();
    }
    answer.type = Answer::Type::String;
    answer.string = raw.text;
    return raw.type == "string" && raw.isPair;
}

} // namespace

Result<Answer> decodeAnswer(QByteArray body)
{
    RawResult raw;
    const Result<QStringList> warnings =
        decodeEnvelope(std::move(body), [&raw](ondemand::value data) {
            for (ondemand::field field : data.get_object()) {
                const std::string_view key = field.unescaped_key();
                if (key == "resultType") {
                    raw.type = std::string_view(field.value().get_string());
                } else if (key == "result") {
                    raw.present = true;
                    readResult(field.value(), raw);
                }
            }
        });
    if (!warnings)
        return tl::unexpected(warnings.error());

    Answer answer;
    answer.warnings = *warnings;
    if (!raw.present || !takeResult(std::move(raw), answer))
        return tl::unexpected(
            Error{Error::Kind::BadResponse, "the answer holds no result of a query", {}});
    return answer;
}

} // namespace trendscope::prom

#pragma once

#include <QString>
#include <QTimeZone>

#include <cstdint>
#include <optional>
#include <vector>

/// Ranges and ticks of axes, by the rules of Grafana's time series panel (uPlot's,
/// https://github.com/leeoniya/uPlot).
namespace trendscope::ui {

struct ValueRange {
    double min = 0;
    double max = 100;
};

/// What a field's configuration says about the limits of its axis.
struct ValueLimits {
    std::optional<double> min{}, max{};         ///< fixed
    std::optional<double> softMin{}, softMax{}; ///< kept unless the data goes beyond
    bool isInteger = false; ///< values have no decimals: the ends are whole numbers
};

/// The range of an axis that shows `data` (extremes of what is drawn; nothing: no value): a tenth
/// of padding, zero kept where the padding would cross it, rounded outwards to a tenth of the
/// span's magnitude.
ValueRange valueRange(std::optional<ValueRange> data, const ValueLimits &limits);

struct ValueTicks {
    double increment = 1;
    std::vector<double> values; ///< multiples of the increment inside the range
};

/// The smallest increment of 1, 2, 2.5, 5 × 10ⁿ that leaves room for the labels; a power of two,
/// and at least 1, for binary units; a whole number for integers. `height` is in pixels.
ValueTicks valueTicks(const ValueRange &range, double height, bool isBinary,
                      bool isInteger = false);

struct TimeTick {
    std::int64_t time; ///< ms since the epoch
    QString label;
};

/// Ticks at round times of `zone` so that labels `labelSpace` pixels wide fit; start and end are ms
/// since the epoch.
std::vector<TimeTick> timeTicks(std::int64_t start, std::int64_t end, double width,
                                double labelSpace, const QTimeZone &zone);

/// A label as long as the ticks' will be, to measure how much room they need.
QString sampleTimeLabel(std::int64_t start, std::int64_t end);

} // namespace trendscope::ui

#include "ui/theme/contrast.h"

#include <algorithm>
#include <cmath>

namespace trendscope::ui {
namespace {

double luminance(const QColor &color)
{
    const auto linear = [](double channel) {
        return channel <= 0.04045 ? channel / 12.92 : std::pow((channel + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF())
        + 0.0722 * linear(color.blueF());
}

} // namespace

QColor blended(const QColor &tint, const QColor &ground, double share)
{
    const auto mix = [share](int over, int under) {
        return static_cast<int>(std::lround(over * share + under * (1 - share)));
    };
    return {mix(tint.red(), ground.red()), mix(tint.green(), ground.green()),
            mix(tint.blue(), ground.blue())};
}

double contrast(const QColor &one, const QColor &other)
{
    const auto [dark, light] = std::minmax({luminance(one), luminance(other)});
    return (light + 0.05) / (dark + 0.05);
}

QColor readable(const QColor &color, const QColor &ground, const QColor &text)
{
    constexpr int steps = 20;
    for (int step = 0; step < steps; ++step) {
        const QColor mixed = blended(text, color, static_cast<double>(step) / steps);
        if (contrast(mixed, ground) >= readableContrast)
            return mixed;
    }
    return text;
}

} // namespace trendscope::ui

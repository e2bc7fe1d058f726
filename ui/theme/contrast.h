#pragma once

#include <QColor>

namespace trendscope::ui {

/// `share` (0–1) of `tint` over `ground`, opaque.
QColor blended(const QColor &tint, const QColor &ground, double share);

/// The contrast ratio of WCAG 2.1, 1 to 21, of two opaque colours.
double contrast(const QColor &one, const QColor &other);

/// What small text needs (WCAG 2.1, AA).
inline constexpr double readableContrast = 4.5;

/// `color`, with as much of `text` as it needs to be readable on `ground`.
QColor readable(const QColor &color, const QColor &ground, const QColor &text);

} // namespace trendscope::ui

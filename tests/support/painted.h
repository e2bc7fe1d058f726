#pragma once

#include <QImage>
#include <QPainter>
#include <QWidget>

namespace trendscope::test {

/// An empty picture of that size for `ratio` device pixels each.
inline QImage blankImage(const QSizeF &size, double ratio, const QColor &background)
{
    QImage image((size * ratio).toSize(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(ratio);
    image.fill(background);
    return image;
}

/// A widget and its children as they are on a screen of that ratio, on `background` instead of the
/// window's.
inline QImage paintedWidget(QWidget &widget, double ratio, const QColor &background)
{
    QImage image = blankImage(widget.size(), ratio, background);
    widget.render(&image, {}, {}, QWidget::DrawChildren);
    return image;
}

/// The rectangle of all pixels that are not `background`, in device-independent pixels.
inline QRectF inkOf(const QImage &image, const QColor &background)
{
    QRect ink;
    for (int y = 0; y < image.height(); ++y) {
        for (int x = 0; x < image.width(); ++x) {
            if (image.pixelColor(x, y) != background)
                ink |= QRect(x, y, 1, 1);
        }
    }
    const double ratio = image.devicePixelRatio();
    return {QPointF(ink.topLeft()) / ratio, QSizeF(ink.size()) / ratio};
}

/// How many pixels have that colour, more or less, within `rect` (device-independent pixels).
inline int countLike(const QImage &image, const QRectF &rect, const QColor &color,
                     int tolerance = 24)
{
    const double ratio = image.devicePixelRatio();
    const QRect area = QRectF(rect.topLeft() * ratio, rect.size() * ratio).toRect() & image.rect();
    int count = 0;
    for (int y = area.top(); y <= area.bottom(); ++y) {
        for (int x = area.left(); x <= area.right(); ++x) {
            const QColor seen = image.pixelColor(x, y);
            count += std::abs(seen.red() - color.red()) <= tolerance
                && std::abs(seen.green() - color.green()) <= tolerance
                && std::abs(seen.blue() - color.blue()) <= tolerance;
        }
    }
    return count;
}

} // namespace trendscope::test

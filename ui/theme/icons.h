#pragma once

#include <QColor>
#include <QIcon>
#include <QPixmap>
#include <QString>

namespace trendscope::ui {

/// One of our line icons (resources/icons, without ".svg") in one colour; `size` in
/// device-independent pixels.
QPixmap iconPixmap(const QString &name, const QColor &color, int size, double devicePixelRatio);

/// The same for buttons and menus, drawn as sharp as the screen needs it.
QIcon lineIcon(const QString &name, const QColor &color);

} // namespace trendscope::ui

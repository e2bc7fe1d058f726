#pragma once

#include <QColor>
#include <QFont>
#include <QPalette>
#include <QString>

namespace trendscope::ui {

/// The roles that everything on screen is painted with; one value for the whole program.
///
/// The application owns it and hands it down by const reference. When it changes in place, every
/// widget gets QEvent::PaletteChange and repaints; nothing keeps a copy of a colour.
struct Theme {
    enum class Kind { Dark, Light };

    Kind kind;
    QColor canvas;                                   ///< behind everything
    QColor rail;                                     ///< left rail and status line
    QColor panel;                                    ///< panels, inputs, menus
    QColor border;                                   ///< hairlines between surfaces
    QColor strong;                                   ///< borders of buttons and focused inputs
    QColor text;                                     ///< 7:1 or better on canvas and panel
    QColor secondary;                                ///< 4.5:1 or better: captions, axis labels
    QColor faint;                                    ///< decoration and disabled text only
    QColor accent;                                   ///< the one accent: selection, links, focus
    QColor accentBackground;                         ///< accent as a translucent surface
    QColor hover;                                    ///< row under the pointer
    QColor grid;                                     ///< grid lines of a plot
    QColor red, orange, yellow, green, blue, purple; ///< states; always with an icon or a word

    static Theme dark();
    static Theme light();

    /// A Grafana colour: a name of its palette ("green", "dark-red", "semi-dark-blue"), "#rrggbb",
    /// "rgb(…)", "rgba(…)", "text" or "transparent". Unknown text gives `text`.
    QColor color(const QString &name) const;

    /// The colour of the n-th series of palette-classic; it wraps around.
    QColor series(qsizetype index) const;

    QPalette palette() const;
    QString styleSheet()
        const; ///< for the standard widgets; class names are Qt's own plus dynamic properties
};

/// Inter where it is installed, else the system's sans serif; `pixels` is the size in
/// device-independent pixels.
QFont textFont(int pixels, QFont::Weight weight = QFont::Normal);

/// DejaVu Sans Mono where it is installed, else the system's fixed font: for records, expressions,
/// labels.
QFont monoFont(int pixels);

} // namespace trendscope::ui

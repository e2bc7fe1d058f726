#include "ui/theme/theme.h"

#include <QFontDatabase>
#include <QRegularExpression>

#include <array>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

struct Hue {
    QLatin1StringView name;
    std::array<QRgb, 6> shades; // super-light to dark; the light theme takes each one step darker
};

// Grafana's named colours, @grafana/data themes/createVisualizationColors (Apache-2.0).
constexpr std::array hues{
    Hue{"red"_L1, {0xffa6b0, 0xff7383, 0xf2495c, 0xe02f44, 0xc4162a, 0xad0317}},
    Hue{"orange"_L1, {0xffcb7d, 0xffb357, 0xff9830, 0xff780a, 0xfa6400, 0xe55400}},
    Hue{"yellow"_L1, {0xfff899, 0xffee52, 0xfade2a, 0xf2cc0c, 0xe0b400, 0xcc9d00}},
    Hue{"green"_L1, {0xc8f2c2, 0x96d98d, 0x73bf69, 0x56a64b, 0x37872d, 0x19730e}},
    Hue{"blue"_L1, {0xc0d8ff, 0x8ab8ff, 0x5794f2, 0x3274d9, 0x1f60c4, 0x1250b0}},
    Hue{"purple"_L1, {0xdeb6f2, 0xca95e5, 0xb877d9, 0xa352cc, 0x8f3bb8, 0x7c2ea3}},
};
constexpr std::array shadePrefixes{"super-light-"_L1, "light-"_L1, ""_L1, "semi-dark-"_L1,
                                   "dark-"_L1};

// The order in which palette-classic hands the named colours out, before its fixed tail.
constexpr std::array paletteNames{
    "green"_L1,
    "semi-dark-yellow"_L1,
    "blue"_L1,
    "orange"_L1,
    "red"_L1,
    "purple"_L1,
    "dark-green"_L1,
    "dark-yellow"_L1,
    "dark-blue"_L1,
    "dark-orange"_L1,
    "dark-red"_L1,
    "dark-purple"_L1,
    "super-light-green"_L1,
    "super-light-yellow"_L1,
    "super-light-blue"_L1,
    "super-light-orange"_L1,
    "super-light-red"_L1,
    "super-light-purple"_L1,
};
constexpr std::array<QRgb, 46> paletteTail{
    0x447ebc, 0xc15c17, 0x890f02, 0x0a437c, 0x6d1f62, 0x584477, 0xb7dbab, 0xf4d598,
    0x70dbed, 0xf9ba8f, 0xf29191, 0x82b5d8, 0xe5a8e2, 0xaea2e0, 0x629e51, 0xe5ac0e,
    0x64b0c8, 0xe0752d, 0xbf1b00, 0x0a50a1, 0x962d82, 0x614d93, 0x9ac48a, 0xf2c96d,
    0x65c5db, 0xf9934e, 0xea6460, 0x5195ce, 0xd683ce, 0x806eb7, 0x3f6833, 0x967302,
    0x2f575e, 0x99440a, 0x58140c, 0x052b51, 0x511749, 0x3f2b5b, 0xe0f9d7, 0xfceaca,
    0xcffaff, 0xf9e2d2, 0xfce2de, 0xbadff4, 0xf9d9f9, 0xdedaf7,
};

QColor namedColor(const QString &name, bool dark)
{
    for (const Hue &hue : hues) {
        if (!name.endsWith(hue.name))
            continue;
        for (std::size_t shade = 0; shade < shadePrefixes.size(); ++shade) {
            if (name == shadePrefixes[shade] + hue.name)
                return QColor::fromRgb(hue.shades[dark ? shade : shade + 1]);
        }
    }
    return {};
}

/// `rgb(1, 2, 3)` and `rgba(1, 2, 3, 0.5)`; an invalid colour when it is neither.
QColor functionColor(const QString &text)
{
    static const QRegularExpression pattern(
        u"^rgba?\\(\\s*(\\d+)\\s*,\\s*(\\d+)\\s*,\\s*(\\d+)\\s*(?:,\\s*([0-9.]+)\\s*)?\\)$"_s);
    const auto match = pattern.match(text);
    if (!match.hasMatch())
        return {};
    const auto channel = [&](int group) { return qBound(0, match.captured(group).toInt(), 255); };
    const double alpha = match.capturedLength(4) > 0 ? match.captured(4).toDouble() : 1.0;
    return QColor(channel(1), channel(2), channel(3), qBound(0, qRound(alpha * 255), 255));
}

QFont firstInstalled(const QStringList &families, QFontDatabase::SystemFont fallback, int pixels)
{
    QFont font = QFontDatabase::systemFont(fallback);
    for (const QString &family : families) {
        if (QFontDatabase::hasFamily(family)) {
            font = QFont(family);
            break;
        }
    }
    font.setPixelSize(pixels);
    return font;
}

} // namespace

Theme Theme::dark()
{
    Theme theme{};
    theme.kind = Kind::Dark;
    theme.canvas = QColor(0x11, 0x12, 0x17);
    theme.rail = QColor(0x0b, 0x0c, 0x10);
    theme.panel = QColor(0x18, 0x1b, 0x1f);
    theme.border = QColor(0x25, 0x27, 0x2c);
    theme.strong = QColor(0x3a, 0x3d, 0x45);
    theme.text = QColor(0xd5, 0xd7, 0xde);
    theme.secondary = QColor(0x9a, 0x9d, 0xa8);
    theme.faint = QColor(0x6d, 0x70, 0x7a);
    theme.accent = QColor(0x5b, 0x9d, 0xff);
    theme.accentBackground = QColor(0x5b, 0x9d, 0xff, 36);
    theme.hover = QColor(0x1f, 0x22, 0x28);
    theme.grid = QColor(204, 204, 220, 18);
    theme.red = QColor(0xf2, 0x49, 0x5c);
    theme.orange = QColor(0xff, 0x98, 0x30);
    theme.yellow = QColor(0xf2, 0xcc, 0x0c);
    theme.green = QColor(0x73, 0xbf, 0x69);
    theme.blue = QColor(0x57, 0x94, 0xf2);
    theme.purple = QColor(0xb8, 0x77, 0xd9);
    return theme;
}

Theme Theme::light()
{
    Theme theme{};
    theme.kind = Kind::Light;
    theme.canvas = QColor(0xf4, 0xf5, 0xf7);
    theme.rail = QColor(0xff, 0xff, 0xff);
    theme.panel = QColor(0xff, 0xff, 0xff);
    theme.border = QColor(0xe2, 0xe4, 0xe9);
    theme.strong = QColor(0xc9, 0xcc, 0xd4);
    theme.text = QColor(0x23, 0x25, 0x2b);
    theme.secondary = QColor(0x5c, 0x60, 0x6b);
    theme.faint = QColor(0x86, 0x8a, 0x95);
    theme.accent = QColor(0x1f, 0x62, 0xd6);
    theme.accentBackground = QColor(0x1f, 0x62, 0xd6, 26);
    theme.hover = QColor(0xee, 0xf0, 0xf4);
    theme.grid = QColor(30, 32, 40, 20);
    theme.red = QColor(0xc4, 0x16, 0x2a);
    theme.orange = QColor(0xb8, 0x52, 0x00);
    theme.yellow = QColor(0x8c, 0x68, 0x00);
    theme.green = QColor(0x27, 0x7d, 0x32);
    theme.blue = QColor(0x1f, 0x60, 0xc4);
    theme.purple = QColor(0x8f, 0x3b, 0xb8);
    return theme;
}

QColor Theme::color(const QString &name) const
{
    if (name == "transparent"_L1)
        return Qt::transparent;
    if (const QColor named = namedColor(name, kind == Kind::Dark); named.isValid())
        return named;
    if (name.startsWith(u'#') && QColor::isValidColor(name))
        return QColor(name);
    if (const QColor function = functionColor(name); function.isValid())
        return function;
    return text;
}

QColor Theme::series(qsizetype index) const
{
    constexpr auto named = static_cast<qsizetype>(paletteNames.size());
    const qsizetype slot = index % (named + static_cast<qsizetype>(paletteTail.size()));
    if (slot < named)
        return color(paletteNames[static_cast<std::size_t>(slot)]);
    return QColor::fromRgb(paletteTail[static_cast<std::size_t>(slot - named)]);
}

QPalette Theme::palette() const
{
    QPalette palette;
    palette.setColor(QPalette::Window, canvas);
    palette.setColor(QPalette::WindowText, text);
    palette.setColor(QPalette::Base, panel);
    palette.setColor(QPalette::AlternateBase, hover);
    palette.setColor(QPalette::Text, text);
    palette.setColor(QPalette::Button, panel);
    palette.setColor(QPalette::ButtonText, text);
    palette.setColor(QPalette::PlaceholderText, secondary);
    palette.setColor(QPalette::ToolTipBase, panel);
    palette.setColor(QPalette::ToolTipText, text);
    palette.setColor(QPalette::Highlight, accent);
    palette.setColor(QPalette::HighlightedText, kind == Kind::Dark ? canvas : panel);
    palette.setColor(QPalette::Link, accent);
    palette.setColor(QPalette::Disabled, QPalette::Text, faint);
    palette.setColor(QPalette::Disabled, QPalette::ButtonText, faint);
    palette.setColor(QPalette::Disabled, QPalette::WindowText, faint);
    return palette;
}

QString Theme::styleSheet() const
{
    QString sheet = uR"(
QMainWindow, QDialog, QScrollArea, #canvas { background: @canvas; }
QScrollArea { border: 0; }
#rail, #statusLine { background: @rail; }
#rail { border-right: 1px solid @border; }
#statusLine { border-top: 1px solid @border; }
#bar { border-bottom: 1px solid @border; }
QLabel[role="title"] { font-size: 16px; font-weight: 600; }
QLabel[role="secondary"] { color: @secondary; }
QToolButton[role="warning"] { color: @orange; }
QToolTip { background: @panel; color: @text; border: 1px solid @strong; padding: 4px 6px; }
QPushButton, QToolButton[control="true"], QComboBox {
  background: @panel; border: 1px solid @border; border-radius: 6px; min-height: 28px; padding: 0 10px; }
QPushButton:hover, QToolButton[control="true"]:hover, QComboBox:hover { background: @hover; border-color: @strong; }
QPushButton:pressed, QToolButton[control="true"]:pressed { background: @border; }
QPushButton:focus, QToolButton:focus, QComboBox:focus, QLineEdit:focus { border-color: @accent; }
QPushButton:disabled, QToolButton:disabled { color: @faint; }
QPushButton[primary="true"] { background: @accent; border-color: @accent; color: @onaccent; }
QPushButton:flat { background: transparent; border-color: transparent; }
QToolButton::menu-indicator, QPushButton::menu-indicator { image: none; width: 0; }
QToolButton[joined="left"] { border-top-right-radius: 0; border-bottom-right-radius: 0; }
QToolButton[joined="middle"] { border-radius: 0; border-left: 0; }
QToolButton[joined="right"] { border-top-left-radius: 0; border-bottom-left-radius: 0; border-left: 0; }
QToolButton[control="true"]:focus { border: 1px solid @accent; }
QComboBox::drop-down { border: 0; width: 18px; }
QLineEdit { background: @panel; border: 1px solid @strong; border-radius: 6px; min-height: 28px; padding: 0 8px;
  selection-background-color: @accent; selection-color: @onaccent; }
QLineEdit[invalid="true"] { border-color: @red; }
QMenu { background: @panel; border: 1px solid @strong; padding: 4px; }
QMenu::item { padding: 6px 22px 6px 12px; border-radius: 4px; }
QMenu::item:selected { background: @hover; }
QMenu::item:checked { color: @accent; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @border; margin: 4px 6px; }
QAbstractItemView { background: @canvas; border: 0; outline: 0;
  selection-background-color: @accentbg; selection-color: @text; }
QComboBox QAbstractItemView { background: @panel; border: 1px solid @strong; }
QHeaderView::section { background: @canvas; color: @secondary; border: 0; border-bottom: 1px solid @border; padding: 6px 8px; }
QPlainTextEdit, QTextEdit { background: @panel; border: 1px solid @border; border-radius: 6px;
  selection-background-color: @accent; selection-color: @onaccent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: @strong; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 28px; }
QScrollBar::handle:horizontal { min-width: 28px; }
QScrollBar::handle:hover { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSplitter::handle { background: @border; }
QCheckBox::indicator { width: 14px; height: 14px; }
)"_s;
    const std::initializer_list<std::pair<QLatin1StringView, QColor>> roles{
        {"@canvas"_L1, canvas},
        {"@rail"_L1, rail},
        {"@panel"_L1, panel},
        {"@border"_L1, border},
        {"@strong"_L1, strong},
        {"@text"_L1, text},
        {"@secondary"_L1, secondary},
        {"@faint"_L1, faint},
        {"@accentbg"_L1, accentBackground},
        {"@accent"_L1, accent},
        {"@hover"_L1, hover},
        {"@red"_L1, red},
        {"@orange"_L1, orange},
        {"@onaccent"_L1, kind == Kind::Dark ? canvas : panel},
    };
    for (const auto &[role, color] : roles) {
        const QString value = color.alpha() == 255 ? color.name()
                                                   : u"rgba(%1,%2,%3,%4)"_s.arg(color.red())
                                                         .arg(color.green())
                                                         .arg(color.blue())
                                                         .arg(color.alpha());
        sheet.replace(role, value);
    }
    return sheet;
}

QFont textFont(int pixels, QFont::Weight weight)
{
    QFont font =
        firstInstalled({u"Inter"_s, u"Inter Variable"_s}, QFontDatabase::GeneralFont, pixels);
    font.setWeight(weight);
    return font;
}

QFont monoFont(int pixels)
{
    return firstInstalled({u"DejaVu Sans Mono"_s}, QFontDatabase::FixedFont, pixels);
}

} // namespace trendscope::ui

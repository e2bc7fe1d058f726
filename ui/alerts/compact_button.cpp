#include "ui/alerts/compact_button.h"

#include <QEvent>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

CompactButton::CompactButton(const QString &text, Look look, const Theme &theme, QWidget *parent)
    : QPushButton(text, parent)
    , m_theme(theme)
    , m_look(look)
{
    setCursor(Qt::ArrowCursor);
    dress();
}

void CompactButton::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange)
        dress();
    QPushButton::changeEvent(event);
}

void CompactButton::dress()
{
    const QString border = m_look == Look::Framed ? m_theme.strong.name() : u"transparent"_s;
    const QString sheet =
        u"QPushButton { min-height: 22px; max-height: 22px; padding: 0 8px; border-radius: 5px;"
        " background: transparent; border-color: %1; }"
        "QPushButton:hover { border-color: %2; }"
        "QPushButton:focus { border-color: %3; }"_s.arg(border, m_theme.secondary.name(),
                                                        m_theme.accent.name());
    if (styleSheet() != sheet) // setting it announces a new palette once more
        setStyleSheet(sheet);
}

} // namespace trendscope::ui

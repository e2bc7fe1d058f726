#include "ui/shell/rail.h"

#include "ui/theme/icons.h"

#include <QButtonGroup>
#include <QPainter>
#include <QVBoxLayout>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

constexpr int railWidth = 56;
constexpr int buttonSize = 44;
constexpr int logoSize = 28;
constexpr int logoTop = 10;

} // namespace

RailButton::RailButton(QString icon, const QString &name, const Theme &theme, QWidget *parent)
    : QAbstractButton(parent)
    , m_icon(std::move(icon))
    , m_name(name)
    , m_theme(theme)
{
    setAccessibleName(name);
    setToolTip(name);
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::TabFocus);
    setFixedSize(railWidth, buttonSize);
}

void RailButton::setCount(int count)
{
    m_count = count;
    setAccessibleName(count > 0 ? u"%1, %2"_s.arg(m_name).arg(count) : m_name);
    update();
}

void RailButton::setIconName(const QString &icon)
{
    m_icon = icon;
    update();
}

QSize RailButton::sizeHint() const
{
    return {railWidth, buttonSize};
}

void RailButton::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF face((width() - buttonSize) / 2.0, 0, buttonSize, buttonSize);
    painter.setPen(hasFocus() ? QPen(m_theme.accent) : QPen(Qt::NoPen));
    painter.setBrush(isChecked()        ? m_theme.accentBackground
                         : underMouse() ? m_theme.hover
                                        : QColor(Qt::transparent));
    painter.drawRoundedRect(face.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);
    if (isChecked()) {
        painter.setPen(Qt::NoPen);
        painter.setBrush(m_theme.accent);
        painter.drawRoundedRect(QRectF(0, 10, 3, buttonSize - 20), 1.5, 1.5);
    }
    constexpr int icon = 20;
    const QColor color = isChecked() ? m_theme.accent : m_theme.secondary;
    painter.drawPixmap(QPointF(face.center().x() - icon / 2.0, face.center().y() - icon / 2.0),
                       iconPixmap(m_icon, color, icon, devicePixelRatioF()));
    if (m_count == 0)
        return;
    const QString text = m_count > 99 ? u"99+"_s : QString::number(m_count);
    painter.setFont(textFont(10, QFont::DemiBold));
    const double badge = std::max(15.0, QFontMetricsF(painter.font()).horizontalAdvance(text) + 8);
    const QRectF pill(face.right() - 4 - badge, face.top() + 4, badge, 15);
    painter.setPen(Qt::NoPen);
    painter.setBrush(m_theme.red);
    painter.drawRoundedRect(pill, 7.5, 7.5);
    painter.setPen(m_theme.kind == Theme::Kind::Dark ? m_theme.rail : m_theme.panel);
    painter.drawText(pill, Qt::AlignCenter, text);
}

void RailButton::enterEvent(QEnterEvent *event)
{
    update();
    QAbstractButton::enterEvent(event);
}

void RailButton::leaveEvent(QEvent *event)
{
    update();
    QAbstractButton::leaveEvent(event);
}

Rail::Rail(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_pages(new QButtonGroup(this))
    , m_top(new QVBoxLayout)
    , m_bottom(new QVBoxLayout)
{
    setObjectName(u"rail"_s);
    setFixedWidth(railWidth);
    m_top->setSpacing(4);
    auto *layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, logoTop + logoSize + 12, 0, 10);
    layout->addLayout(m_top);
    layout->addStretch(1);
    layout->addLayout(m_bottom);
    connect(m_pages, &QButtonGroup::idClicked, this, &Rail::pageRequested);
}

RailButton *Rail::addPage(const QString &icon, const QString &name, const QString &shortcut)
{
    auto *button = new RailButton(icon, name, m_theme, this);
    button->setCheckable(true);
    button->setToolTip(u"%1 (%2)"_s.arg(name, shortcut));
    m_pages->addButton(button, static_cast<int>(m_pages->buttons().size()));
    m_top->addWidget(button);
    return button;
}

RailButton *Rail::addAction(const QString &icon, const QString &name)
{
    auto *button = new RailButton(icon, name, m_theme, this);
    m_bottom->addWidget(button);
    return button;
}

void Rail::setCurrent(int page)
{
    if (auto *button = m_pages->button(page))
        button->setChecked(true);
}

void Rail::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.fillRect(rect(), m_theme.rail);
    painter.fillRect(QRect(width() - 1, 0, 1, height()), m_theme.border);
    painter.drawPixmap((width() - logoSize) / 2, logoTop,
                       iconPixmap(u"trendscope"_s, m_theme.accent, logoSize, devicePixelRatioF()));
}

} // namespace trendscope::ui

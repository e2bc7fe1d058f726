#include "ui/alerts/state_notice.h"

#include <QLabel>
#include <QPainter>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

namespace trendscope::ui {
namespace {

constexpr int signSize = 40;
constexpr int margin = 24;
constexpr int widestText = 560;

} // namespace

StateNotice::StateNotice(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_sign(new QWidget(this))
    , m_title(new QLabel(this))
    , m_text(new QLabel(this))
    , m_commands(new QLabel(this))
    , m_action(new QPushButton(this))
{
    m_sign->setFixedSize(signSize, signSize);
    m_sign->setAttribute(Qt::WA_TransparentForMouseEvents);
    m_title->setFont(textFont(16, QFont::DemiBold));
    m_title->setProperty("role", QStringLiteral("title"));
    m_text->setProperty("role", QStringLiteral("secondary"));
    m_text->setFont(textFont(13));
    m_text->setWordWrap(true);
    m_commands->setFont(monoFont(13));
    m_commands->setContentsMargins(0, 8, 0, 0);
    m_commands->hide();
    for (QLabel *label : {m_title, m_text, m_commands}) {
        label->setTextFormat(Qt::PlainText);
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    }
    for (QLabel *label : {m_title, m_text})
        label->setAlignment(Qt::AlignHCenter);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(margin, margin, margin, margin);
    column->setSpacing(8);
    column->addStretch(2);
    column->addWidget(m_sign, 0, Qt::AlignHCenter);
    column->addSpacing(8);
    column->addWidget(m_title, 0, Qt::AlignHCenter);
    column->addWidget(m_text, 0, Qt::AlignHCenter);
    column->addWidget(m_commands, 0, Qt::AlignHCenter);
    column->addSpacing(8);
    column->addWidget(m_action, 0, Qt::AlignHCenter);
    column->addStretch(3);
    connect(m_action, &QPushButton::clicked, this, &StateNotice::actionRequested);
}

void StateNotice::show(Kind kind, const QString &title, const QString &text, const QString &action)
{
    m_kind = kind;
    m_title->setText(title);
    m_text->setText(text);
    fitText();
    m_action->setText(action);
    m_action->setVisible(!action.isEmpty());
    setAccessibleName(title);
    setAccessibleDescription(text);
    update();
}

void StateNotice::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    fitText();
}

/// As narrow as it is no higher for it, so that no word stands alone in the last line.
void StateNotice::fitText()
{
    constexpr int step = 8;
    const QString text = m_text->text();
    const auto sizeIn = [&](int room) {
        return m_text->fontMetrics()
            .boundingRect(QRect(0, 0, room, QWIDGETSIZE_MAX), Qt::AlignHCenter | Qt::TextWordWrap,
                          text)
            .size();
    };
    int room = std::clamp(width() - 2 * margin, 1, widestText);
    const int height = text.isEmpty() ? 0 : sizeIn(room).height();
    const auto fits = [&](int narrower) {
        const QSize size = sizeIn(narrower);
        return size.height() == height && size.width() <= narrower;
    };
    while (room > widestText / 2 && fits(room - step))
        room -= step;
    m_text->setFixedSize(room, height); // a layout asks too little
}

void StateNotice::setCommands(const QString &commands)
{
    m_commands->setText(commands);
    m_commands->setVisible(!commands.isEmpty());
}

QColor StateNotice::color() const
{
    switch (m_kind) {
    case Kind::Good:
        return m_theme.green;
    case Kind::Failed:
        return m_theme.red;
    case Kind::Empty:
    case Kind::Loading:
        break;
    }
    return m_theme.secondary;
}

void StateNotice::paintEvent(QPaintEvent *)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(color(), 2, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
    const QPointF center = QRectF(m_sign->geometry()).center();
    painter.drawEllipse(center, signSize / 2.0 - 2, signSize / 2.0 - 2);
    paintSign(painter, center);
}

void StateNotice::paintSign(QPainter &painter, const QPointF &center) const
{
    switch (m_kind) {
    case Kind::Good:
        painter.drawPolyline(
            QPolygonF{center + QPointF(-7, 0), center + QPointF(-2, 5), center + QPointF(8, -6)});
        break;
    case Kind::Failed:
        painter.drawLine(center + QPointF(0, -8), center + QPointF(0, 2));
        painter.drawPoint(center + QPointF(0, 8));
        break;
    case Kind::Empty:
        painter.drawLine(center + QPointF(-7, 0), center + QPointF(7, 0));
        break;
    case Kind::Loading:
        for (const double x : {-7.0, 0.0, 7.0})
            painter.drawPoint(center + QPointF(x, 0));
        break;
    }
}

} // namespace trendscope::ui

#include "ui/alerts/alert_detail.h"

#include "ui/alerts/chip.h"
#include "ui/alerts/duration_text.h"
#include "ui/alerts/severity_color.h"

#include <QDesktopServices>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QScrollBar>
#include <QUrl>
#include <QVBoxLayout>

namespace trendscope::ui {

using namespace Qt::StringLiterals;

namespace {

/// A text without spaces would widen the panel by its whole length: gives it places to break, and
/// an end.
QString breakable(const QString &text)
{
    constexpr qsizetype longest = 4000;
    constexpr qsizetype longestWord = 24;
    QString result;
    qsizetype word = 0;
    for (const QChar c : text.left(longest)) {
        word = c.isSpace() ? 0 : word + 1;
        result += c;
        if (word == longestWord && !c.isHighSurrogate()) {
            result += QChar(0x200b);
            word = 0;
        }
    }
    return text.size() > longest ? result + u'…' : result;
}

QString annotation(const alert::AlertRow &row, const QString &name)
{
    return row.alert.annotations.value(name).trimmed();
}

void showText(QLabel &label, const QString &text)
{
    label.setText(breakable(text));
    label.setVisible(!text.isEmpty());
}

} // namespace

AlertDetail::AlertDetail(const Theme &theme, QWidget *parent)
    : QScrollArea(parent)
    , m_theme(theme)
{
    setObjectName(u"alertDetail"_s);
    setAccessibleName(u"Details of the alert"_s);
    setWidgetResizable(true);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    setFrameShape(QFrame::NoFrame);
    auto *content = new QWidget(this);
    content->setObjectName(u"canvas"_s);
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(16, 14, 16, 16);
    column->setSpacing(0);
    setupHead(*column);
    setupBody(*column);
    column->addStretch();
    setWidget(content);
}

void AlertDetail::setupHead(QVBoxLayout &column)
{
    m_name = addText(column, textFont(16, QFont::DemiBold));
    m_name->setProperty("role", u"title"_s);
    column.addSpacing(2);
    m_headline = addText(column, textFont(12, QFont::DemiBold));
    column.addSpacing(10);
    m_summary = addText(column, textFont(13));
    column.addSpacing(8);
    m_description = addText(column, textFont(13));
    column.addSpacing(12);

    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    m_runbook = new QPushButton(u"Runbook"_s, this);
    m_runbook->setProperty("primary", true);
    m_snooze = new QPushButton(u"Snooze 15 min"_s, this);
    m_snooze->setToolTip(u"Hide its banner for 15 minutes, on this screen only"_s);
    buttons->addWidget(m_runbook);
    buttons->addWidget(m_snooze);
    buttons->addStretch();
    column.addLayout(buttons);
    connect(m_runbook, &QPushButton::clicked, this, [this] {
        QDesktopServices::openUrl(QUrl(alert::runbookOf(m_row->alert), QUrl::StrictMode));
    });
    connect(m_snooze, &QPushButton::clicked, this,
            [this] { Q_EMIT snoozeRequested(m_row->alert.labels); });
}

void AlertDetail::setupBody(QVBoxLayout &column)
{
    m_actionHeading = addHeading(column, u"What to do"_s);
    m_action = addText(column, textFont(13));
    addHeading(column, u"Labels"_s);
    m_labels = new ChipFlow(m_theme, this);
    column.addWidget(m_labels);
    m_annotationsHeading = addHeading(column, u"Annotations"_s);
    m_annotations = addText(column, textFont(13));
}

QLabel *AlertDetail::addText(QVBoxLayout &column, const QFont &font)
{
    auto *label = new QLabel(this);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    label->setFont(font);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    label->setFocusPolicy(Qt::ClickFocus);
    column.addWidget(label);
    return label;
}

QLabel *AlertDetail::addHeading(QVBoxLayout &column, const QString &text)
{
    auto *heading = new QLabel(text, this);
    heading->setTextFormat(Qt::PlainText);
    heading->setFont(textFont(13, QFont::DemiBold));
    heading->setContentsMargins(0, 16, 0, 6);
    column.addWidget(heading);
    return heading;
}

void AlertDetail::setRow(const std::optional<alert::AlertRow> &row)
{
    const bool isAnother = !row || !m_row || row->key != m_row->key;
    m_row = row;
    widget()->setVisible(m_row.has_value());
    if (!m_row)
        return;
    showHead();
    showBody();
    if (isAnother)
        verticalScrollBar()->setValue(0);
}

void AlertDetail::showHead()
{
    const prom::Alert &alert = m_row->alert;
    showText(*m_name, alert::nameOf(alert));
    m_headline->setText(u"%1 · %2 · active since %3 (%4)"_s.arg(
        alert::severityWord(alert), alert::statusWord(m_row->status).toLower(),
        clockText(alert.activeAt), durationText(ageOf(alert.activeAt))));
    tintHeadline();
    showText(*m_summary, alert::summaryOf(alert));
    const QString description = annotation(*m_row, u"description"_s);
    showText(*m_description, description == alert::summaryOf(alert) ? QString() : description);
    m_runbook->setVisible(!alert::runbookOf(alert).isEmpty());
    m_runbook->setToolTip(plainToolTip(alert::runbookOf(alert)));
    m_snooze->setVisible(m_row->status == alert::AlertRow::Status::Firing);
}

void AlertDetail::showBody()
{
    const QString action = annotation(*m_row, u"action"_s);
    showText(*m_action, action);
    m_actionHeading->setVisible(!action.isEmpty());

    QStringList chips;
    const prom::Labels &labels = m_row->alert.labels;
    for (auto label = labels.begin(); label != labels.end(); ++label)
        chips.append(label.key() + u'=' + label.value());
    m_labels->setChips(chips);
    showAnnotations();
}

/// What has no place of its own above.
void AlertDetail::showAnnotations()
{
    QStringList lines;
    const prom::Labels &annotations = m_row->alert.annotations;
    for (auto it = annotations.begin(); it != annotations.end(); ++it) {
        const bool hasPlace = it.key() == "summary"_L1 || it.key() == "description"_L1
            || it.key() == "action"_L1
            || (it.key() == "runbook_url"_L1 && !alert::runbookOf(m_row->alert).isEmpty());
        if (!hasPlace)
            lines.append(it.key() + u": "_s + it.value());
    }
    if (!m_row->alert.value.isEmpty())
        lines.append(u"value: "_s + m_row->alert.value);
    showText(*m_annotations, lines.join(u'\n'));
    m_annotationsHeading->setVisible(!lines.isEmpty());
}

void AlertDetail::tintHeadline()
{
    if (!m_row)
        return;
    const QColor color = statusColor(m_row->status, alert::severityOf(m_row->alert), m_theme);
    const QString sheet = u"color: "_s + color.name();
    if (m_headline->styleSheet() != sheet)
        m_headline->setStyleSheet(sheet);
}

void AlertDetail::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::PaletteChange && m_headline)
        tintHeadline();
    QScrollArea::changeEvent(event);
}

} // namespace trendscope::ui

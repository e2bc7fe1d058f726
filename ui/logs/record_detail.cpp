#include "ui/logs/record_detail.h"

#include "core/logs/filter.h"
#include "ui/alerts/duration_text.h"
#include "ui/logs/log_text.h"
#include "ui/theme/theme.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableWidget>
#include <QVBoxLayout>

namespace trendscope::ui {
namespace {

constexpr std::size_t maximumFields = 200; // the rest is in the copied line
constexpr int termRole = Qt::UserRole;

} // namespace

RecordDetail::RecordDetail(const Theme &theme, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_title(new QLabel(this))
    , m_message(new QPlainTextEdit(this))
    , m_fields(new QTableWidget(this))
{
    m_message->setReadOnly(true);
    m_message->setFont(monoFont(12));
    m_message->setFrameShape(QFrame::NoFrame);
    m_message->setAccessibleName(tr("Message"));
    setupFields();

    auto *const halves = new QHBoxLayout;
    halves->setSpacing(12);
    halves->addWidget(m_message, 5);
    halves->addWidget(m_fields, 4);

    auto *const layout = new QVBoxLayout(this);
    layout->setContentsMargins(14, 8, 14, 8);
    layout->setSpacing(6);
    layout->addWidget(createHeader());
    layout->addLayout(halves, 1);
}

QWidget *RecordDetail::createHeader()
{
    m_title->setTextFormat(Qt::PlainText);
    m_title->setFont(textFont(12, QFont::DemiBold));
    m_title->setTextInteractionFlags(Qt::TextSelectableByMouse);

    auto *const copy = new QPushButton(tr("Copy line"), this);
    copy->setToolTip(tr("Copy the line as it was written"));
    connect(copy, &QPushButton::clicked, this, &RecordDetail::copyLine);
    auto *const close = new QPushButton(tr("Close"), this);
    close->setToolTip(tr("Close (Esc)"));
    connect(close, &QPushButton::clicked, this, &RecordDetail::closeRequested);

    auto *const header = new QWidget(this);
    auto *const layout = new QHBoxLayout(header);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_title, 1);
    layout->addWidget(copy);
    layout->addWidget(close);
    return header;
}

void RecordDetail::setupFields()
{
    m_fields->setColumnCount(2);
    m_fields->setFont(monoFont(12));
    m_fields->setAccessibleName(tr("Fields of the record"));
    m_fields->setShowGrid(false);
    m_fields->setFrameShape(QFrame::NoFrame);
    m_fields->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_fields->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_fields->setSelectionMode(QAbstractItemView::SingleSelection);
    m_fields->setTabKeyNavigation(false);
    m_fields->setWordWrap(false);
    m_fields->horizontalHeader()->hide();
    m_fields->horizontalHeader()->setStretchLastSection(true);
    m_fields->verticalHeader()->hide();
    m_fields->verticalHeader()->setMinimumSectionSize(20);
    m_fields->verticalHeader()->setDefaultSectionSize(20);
    connect(m_fields, &QTableWidget::cellClicked, this, &RecordDetail::requestFilter);
    connect(m_fields, &QTableWidget::cellActivated, this, &RecordDetail::requestFilter);
}

void RecordDetail::setRecord(const logs::Record &record, const QString &time, const QString &file)
{
    m_record = record;
    m_file = file;
    const std::string_view level = logs::levelName(record.level());
    QStringList title;
    for (const QString &part : {oneLine(level), time, oneLine(record.logger(), 80)}) {
        if (!part.isEmpty())
            title.append(part);
    }
    m_title->setText(title.isEmpty() ? tr("Not a JSON record") : title.join(u"   "));
    m_message->setPlainText(severalLines(record.message()));
    showFields();
}

void RecordDetail::showFields()
{
    m_fields->setRowCount(0);
    if (m_record.level() != logs::Level::Unknown)
        addField("level", logs::levelName(m_record.level()));
    if (!m_record.logger().empty())
        addField("logger", m_record.logger());
    addField("file", m_file.toStdString(), false);
    const std::size_t shown = std::min(m_record.fieldCount(), maximumFields);
    for (std::size_t i = 0; i < shown; ++i) {
        const auto [key, value] = m_record.field(i);
        addField(key, value);
    }
    if (const std::size_t hidden = m_record.fieldCount() - shown; hidden > 0)
        addField("…", tr("%1 more, in the copied line").arg(hidden).toStdString(), false);
    addPlace();
    m_fields->resizeColumnToContents(0);
    m_fields->setColumnWidth(0, std::min(m_fields->columnWidth(0) + 12, 240));
}

void RecordDetail::addPlace()
{
    if (!m_record.module().empty())
        addField("module", m_record.module());
    if (!m_record.function().empty())
        addField("function", m_record.function());
    if (const auto line = m_record.line())
        addField("line", std::to_string(*line));
}

void RecordDetail::addField(std::string_view key, std::string_view value, bool canFilter)
{
    const int row = m_fields->rowCount();
    m_fields->insertRow(row);
    auto *const keyItem = new QTableWidgetItem(oneLine(key, 100));
    keyItem->setForeground(m_theme.secondary);
    auto *const valueItem = new QTableWidgetItem(oneLine(value));
    if (canFilter) {
        valueItem->setForeground(m_theme.accent);
        valueItem->setToolTip(tr("Show only records with this value"));
        valueItem->setData(termRole, QString::fromStdString(logs::filterTerm(key, value)));
    } else {
        valueItem->setForeground(m_theme.text);
        valueItem->setToolTip(plainToolTip(valueItem->text())); // a path's end matters most
    }
    m_fields->setItem(row, 0, keyItem);
    m_fields->setItem(row, 1, valueItem);
}

void RecordDetail::requestFilter(int row)
{
    const QString term = m_fields->item(row, 1)->data(termRole).toString();
    if (!term.isEmpty())
        Q_EMIT filterRequested(term);
}

void RecordDetail::copyLine() const
{
    const std::string_view line = m_record.raw();
    QGuiApplication::clipboard()->setText(
        QString::fromUtf8(line.data(), static_cast<qsizetype>(line.size())));
}

} // namespace trendscope::ui

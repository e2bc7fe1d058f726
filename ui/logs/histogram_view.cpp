#include "ui/logs/histogram_view.h"

#include "ui/theme/theme.h"

#include <QDateTime>
#include <QHelpEvent>
#include <QLocale>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <numeric>

namespace trendscope::ui {
namespace {

constexpr int margin = 14;
constexpr int barPitch = 10; // device-independent pixels, about; a bar and the gap after it
constexpr int captionHeight = 20;

quint32 totalOf(const LogHistogram::Bucket &bucket)
{
    return std::accumulate(bucket.begin(), bucket.end(), 0U);
}

} // namespace

HistogramView::HistogramView(const Theme &theme, const LogModel &model, QWidget *parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_model(model)
{
    setFixedHeight(sizeHint().height());
    setMouseTracking(true);
    setAccessibleName(tr("Records over time"));
}

QSize HistogramView::sizeHint() const
{
    return {600, 92};
}

void HistogramView::refresh()
{
    m_histogram = m_model.histogram(std::max(10, plotRect().width() / barPitch));
    const auto number = [](auto value) {
        return QLocale(QLocale::English).toString(static_cast<qulonglong>(value));
    };
    m_summary = tr("%1 of %2 records match · %3 errors")
                    .arg(number(m_model.matchCount()), number(m_model.recordCount()),
                         number(m_model.errorCount()));
    if (m_model.isFiltering())
        m_summary += tr(" · filtering…");
    if (m_model.droppedCount() > 0)
        m_summary += tr(" · %1 older ones dropped").arg(number(m_model.droppedCount()));
    setAccessibleDescription(m_summary);
    update();
}

QRect HistogramView::plotRect() const
{
    return rect().adjusted(margin, 8, -margin, -captionHeight - 4);
}

void HistogramView::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    refresh();
}

void HistogramView::paintEvent(QPaintEvent * /*event*/)
{
    QPainter painter(this);
    paintBars(painter);
    paintCaptions(painter);
    painter.fillRect(QRect(0, height() - 1, width(), 1), m_theme.border);
}

void HistogramView::paintBars(QPainter &painter) const
{
    const QRect plot = plotRect();
    const auto count = static_cast<int>(m_histogram.buckets.size());
    quint32 most = 1;
    for (const auto &bucket : m_histogram.buckets)
        most = std::max(most, totalOf(bucket));
    QColor info = m_theme.blue;
    info.setAlphaF(0.6F);
    const std::array colors{m_theme.faint, info, m_theme.orange, m_theme.red};

    painter.fillRect(QRect(plot.left(), plot.bottom() + 1, plot.width(), 1), m_theme.border);
    for (int i = 0; i < count; ++i) {
        const double left = plot.left() + double(plot.width()) * i / count;
        const double right = plot.left() + double(plot.width()) * (i + 1) / count - 1.5;
        if (i == m_hovered)
            painter.fillRect(QRectF(left - 1, plot.top(), right - left + 2, plot.height()),
                             m_theme.accentBackground);
        // Errors stand at the bottom: there few are seen as well as many.
        double bottom = plot.bottom() + 1;
        for (std::size_t severity = colors.size(); severity-- > 0;) {
            const quint32 records = m_histogram.buckets[static_cast<std::size_t>(i)][severity];
            if (records == 0)
                continue;
            const double height = std::max(1.0, double(plot.height()) * records / most);
            painter.fillRect(
                QRectF(left, std::max(bottom - height, double(plot.top())), right - left, height),
                colors[severity]);
            bottom -= height;
        }
    }
}

void HistogramView::paintCaptions(QPainter &painter) const
{
    const QRect captions(margin, height() - captionHeight - 1, width() - 2 * margin, captionHeight);
    painter.setFont(textFont(11));
    painter.setPen(m_theme.secondary);
    painter.drawText(captions, Qt::AlignCenter, m_summary);
    if (m_histogram.buckets.empty())
        return;
    painter.drawText(captions, Qt::AlignLeft | Qt::AlignVCenter, clockText(m_histogram.start));
    painter.drawText(captions, Qt::AlignRight | Qt::AlignVCenter, clockText(m_histogram.end));
}

/// With the day where the records span more than one, with seconds where they span minutes.
QString HistogramView::clockText(logs::Timestamp time) const
{
    const auto milliseconds =
        std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
    const auto span = m_histogram.end - m_histogram.start;
    const QDateTime clock = QDateTime::fromMSecsSinceEpoch(milliseconds, m_model.timeZone());
    if (span > std::chrono::hours(20))
        return clock.toString(u"yyyy-MM-dd HH:mm");
    return clock.toString(span > std::chrono::minutes(20) ? u"HH:mm" : u"HH:mm:ss");
}

int HistogramView::bucketAt(int x) const
{
    const QRect plot = plotRect();
    const auto count = static_cast<int>(m_histogram.buckets.size());
    if (count == 0 || x < plot.left() || x > plot.right())
        return -1;
    return std::min(count - 1, (x - plot.left()) * count / plot.width());
}

logs::Timestamp HistogramView::startOf(int bucket) const
{
    const auto span = m_histogram.end - m_histogram.start;
    return m_histogram.start + span / static_cast<int>(m_histogram.buckets.size()) * bucket;
}

QString HistogramView::countsText(int bucket) const
{
    const auto &counts = m_histogram.buckets[static_cast<std::size_t>(bucket)];
    QStringList parts{clockText(startOf(bucket))};
    const std::array names{tr("other"), tr("info"), tr("warnings"), tr("errors")};
    for (std::size_t severity = counts.size(); severity-- > 0;) {
        if (counts[severity] > 0)
            parts.append(QLocale(QLocale::English).toString(counts[severity]) + u' '
                         + names[severity]);
    }
    return parts.join(u'\n');
}

void HistogramView::mousePressEvent(QMouseEvent *event)
{
    const int bucket = bucketAt(event->pos().x());
    if (event->button() == Qt::LeftButton && bucket >= 0)
        Q_EMIT timeChosen(startOf(bucket));
}

void HistogramView::mouseMoveEvent(QMouseEvent *event)
{
    m_hovered = bucketAt(event->pos().x());
    update();
}

void HistogramView::leaveEvent(QEvent *event)
{
    QWidget::leaveEvent(event);
    m_hovered = -1;
    update();
}

bool HistogramView::event(QEvent *event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto *const help = static_cast<QHelpEvent *>(event);
    const int bucket = bucketAt(help->pos().x());
    QToolTip::showText(help->globalPos(), bucket < 0 ? QString() : countsText(bucket), this);
    return true;
}

} // namespace trendscope::ui

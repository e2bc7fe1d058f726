#include "core/dashboard/panel_feed.h"

#include "core/dashboard/interval.h"
#include "core/prom/client.h"

#include <algorithm>

namespace trendscope::dashboard {
namespace {

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds defaultScrape = 15s;

QString secondsText(milliseconds span)
{
    return QString::number((span.count() + 500) / 1000);
}

QHash<QString, QString> builtInsOf(const Interval &interval, milliseconds range)
{
    return {
        {u"__interval"_s, intervalText(interval.step)},
        {u"__interval_ms"_s, QString::number(interval.step.count())},
        {u"__rate_interval"_s, durationText(interval.rateInterval)},
        {u"__rate_interval_ms"_s, QString::number(interval.rateInterval.count())},
        {u"__range"_s, secondsText(range) + u's'},
        {u"__range_s"_s, secondsText(range)},
        {u"__range_ms"_s, QString::number(range.count())},
    };
}

} // namespace

PanelFeed::PanelFeed(prom::Client &client, Panel panel, Scope scope, QObject *parent)
    : QObject(parent)
    , m_client(client)
    , m_panel(std::move(panel))
    , m_scope(std::move(scope))
{
    m_retry.setSingleShot(true);
    connect(&m_retry, &QTimer::timeout, this, &PanelFeed::ask);
    m_patience.setSingleShot(true);
    connect(&m_patience, &QTimer::timeout, this, [this] {
        m_isOverdue = true;
        Q_EMIT changed();
    });
}

void PanelFeed::refresh(const Request &request)
{
    const bool isNewRange = request.range.span() != m_request.range.span();
    m_request = request;
    if (request.isAutomatic && (m_retry.isActive() || (m_pending > 0 && !isNewRange)))
        return;
    ask();
}

void PanelFeed::ask()
{
    m_retry.stop();
    const auto queries = visibleQueries();
    if (queries.empty())
        return;
    if (auto error = unanswerable()) {
        fail(*std::move(error));
        m_retry.stop(); // asking again would not help
        return;
    }
    if (m_pending == 0)
        m_patience.start(patience);
    m_requests.clear(); // aborts what is under way
    m_answers.assign(queries.size(), {});
    m_pending = queries.size();
    if (m_state == State::Idle)
        m_state = State::Loading;
    m_requests.resize(queries.size());
    Q_EMIT loadingChanged();
    for (std::size_t slot = 0; slot < queries.size(); ++slot)
        send(queries[slot], intervalOf(queries[slot], panelRange()), slot);
}

void PanelFeed::send(const PanelQuery &query, const Interval &interval, std::size_t slot)
{
    const AbsoluteRange range = panelRange();
    Scope scope = m_scope;
    scope.builtIns = builtInsOf(interval, range.span());
    QueryAnswer &answer = m_answers[slot];
    answer.refId = query.refId;
    answer.expr = interpolate(query.expr, scope, Syntax::PromQL);
    answer.legendFormat = interpolate(query.legendFormat, scope, Syntax::Text);

    const auto done = [this, slot](Result<prom::Answer> result) { take(slot, std::move(result)); };
    if (query.isInstant && !query.isRange) {
        m_requests[slot] = m_client.query({answer.expr, range.end}, done);
        return;
    }
    answer.step = interval.step;
    const auto [start, end] =
        alignedRange(range.start, range.end, interval.step, m_request.utcOffset);
    m_requests[slot] = m_client.queryRange({answer.expr, start, end, interval.step}, done);
}

void PanelFeed::take(std::size_t slot, Result<prom::Answer> answer)
{
    if (!answer)
        return fail(std::move(answer.error()));
    m_answers[slot].answer = *std::move(answer);
    if (--m_pending == 0)
        finish();
}

void PanelFeed::endWait()
{
    m_patience.stop();
    m_isOverdue = false;
}

/// What no server could answer: a query that needs a variable without a value.
std::optional<Error> PanelFeed::unanswerable() const
{
    for (const PanelQuery &query : visibleQueries()) {
        const QStringList names = variablesWithoutValue(query.expr, m_scope);
        if (!names.isEmpty())
            return Error{Error::Kind::Invalid,
                         "The variable $" + names.first().toStdString()
                             + " has no value saved in the dashboard",
                         {}};
    }
    return {};
}

void PanelFeed::finish()
{
    endWait();
    m_data = {};
    m_data.range = panelRange();
    for (const QueryAnswer &answer : m_answers)
        m_data.warnings += answer.answer.warnings;
    m_data.warnings.removeDuplicates();
    m_data.fields = fieldsOf(std::move(m_answers), m_panel.fieldConfig);
    m_answers.clear();
    m_error.reset();
    m_dataTime = std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
    m_state = State::Ready;
    m_backoff.reset();
    Q_EMIT loadingChanged();
    Q_EMIT changed();
}

/// One failed query fails the panel: half of its series would look like all of them.
void PanelFeed::fail(Error error)
{
    endWait();
    m_requests.clear(); // the others would come too late
    m_answers.clear();
    m_pending = 0;
    m_error = std::move(error);
    m_state = State::Failed;
    m_retry.start(m_backoff.next());
    Q_EMIT loadingChanged();
    Q_EMIT changed();
}

Interval PanelFeed::intervalOf(const PanelQuery &query, const AbsoluteRange &range) const
{
    const auto durationIn = [this](const QString &text) {
        return durationOf(interpolate(text, m_scope, Syntax::Text));
    };
    IntervalInput input;
    input.range = range.span();
    input.maxDataPoints =
        m_panel.maxDataPoints > 0 ? m_panel.maxDataPoints : std::max(m_request.width, 50);
    input.scrape = defaultScrape;
    input.minimum = durationIn(m_panel.interval).value_or(defaultScrape);
    input.query = durationIn(query.interval);
    input.factor = query.intervalFactor;
    return intervalFor(input);
}

AbsoluteRange PanelFeed::panelRange() const
{
    AbsoluteRange range = m_request.range;
    if (const auto from = durationOf(m_panel.timeFrom))
        range.start = range.end - *from;
    if (const auto shift = durationOf(m_panel.timeShift))
        range = {range.start - *shift, range.end - *shift};
    return range;
}

std::vector<PanelQuery> PanelFeed::visibleQueries() const
{
    std::vector<PanelQuery> queries;
    std::ranges::copy_if(m_panel.queries, std::back_inserter(queries), [](const PanelQuery &query) {
        return !query.isHidden && !query.expr.isEmpty();
    });
    return queries;
}

} // namespace trendscope::dashboard

#include "core/observability/gauge.h"
#include "core/observability/histogram.h"
#include "core/observability/series_claim.h"
#include "core/observability/series_p.h"

#include <utility>

namespace trendscope::observability {

namespace {

HistogramSeries &histogramOf(Series &series)
{
    return static_cast<HistogramSeries &>(series);
}

HistogramSeries::Totals totalsOf(Series &series)
{
    HistogramSeries::Totals totals;
    histogramOf(series).read(totals);
    return totals;
}

} // namespace

SeriesHandle::SeriesHandle(Series *counted)
    : m_series(counted)
{
}

SeriesHandle::SeriesHandle(const SeriesHandle &other)
    : m_series(other.m_series)
{
    m_series->retain();
}

SeriesHandle &SeriesHandle::operator=(const SeriesHandle &other)
{
    other.m_series->retain();
    m_series->release();
    m_series = other.m_series;
    return *this;
}

SeriesHandle::~SeriesHandle()
{
    m_series->release();
}

void SeriesHandle::remove() const
{
    m_series->remove();
}

SeriesClaim::SeriesClaim(Series *counted)
    : m_series(counted)
{
    if (!m_series->claim())
        std::exchange(m_series, nullptr)->release();
}

SeriesClaim::SeriesClaim(SeriesClaim &&other) noexcept
    : m_series(std::exchange(other.m_series, nullptr))
{
}

SeriesClaim &SeriesClaim::operator=(SeriesClaim &&other) noexcept
{
    std::swap(m_series, other.m_series);
    return *this;
}

SeriesClaim::~SeriesClaim()
{
    if (!m_series)
        return;
    m_series->giveUpClaim();
    m_series->release();
}

void Counter::increment(double by) const
{
    if (!isCountable(by)) [[unlikely]]
        return series().shape().refuse();
    series().count(by);
}

void Counter::increment(double by, const Trace &trace) const
{
    if (!isCountable(by)) [[unlikely]]
        return series().shape().refuse();
    series().count(by, trace);
}

void Counter::follow(double total) const
{
    if (!isCountable(total)) [[unlikely]]
        return series().shape().refuse();
    series().set(total);
}

double Counter::value() const
{
    return series().value();
}

void Gauge::set(double value) const
{
    if (!std::isfinite(value)) [[unlikely]]
        return series().shape().refuse();
    series().set(value);
}

void Gauge::increment(double by) const
{
    if (!std::isfinite(by)) [[unlikely]]
        return series().shape().refuse();
    series().change(by);
}

void Gauge::decrement(double by) const
{
    increment(-by);
}

void Gauge::hold() const
{
    series().hold();
}

void Gauge::letGo() const
{
    series().letGo();
}

double Gauge::value() const
{
    return series().value();
}

void Histogram::observe(double value, double count) const
{
    if (!isObservable(value, count)) [[unlikely]]
        return series().shape().refuse();
    histogramOf(series()).observe(value, count);
}

void Histogram::observe(double value, double count, const Trace &trace) const
{
    if (!isObservable(value, count)) [[unlikely]]
        return series().shape().refuse();
    histogramOf(series()).observe(value, count, trace);
}

double Histogram::count() const
{
    return totalsOf(series()).count;
}

double Histogram::sum() const
{
    return totalsOf(series()).sum;
}

} // namespace trendscope::observability

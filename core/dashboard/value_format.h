#pragma once

#include <QString>

#include <optional>

namespace trendscope::dashboard {

/// A value as it is read: the unit's parts apart, so that a stat can draw them smaller.
struct FormattedValue {
    QString prefix; ///< "$"
    QString text;   ///< "1.23"
    QString suffix; ///< " req/s", with the space that belongs before it

    QString full() const { return prefix + text + suffix; }
};

/// `value` in the Grafana unit `unit` ("reqps", "percentunit", "bytes", …). Without `decimals`
/// about three significant digits. An id that is not known is written behind the value, as Grafana
/// does.
FormattedValue formatValue(double value, const QString &unit, std::optional<int> decimals = {});

/// `value` with the digits of `decimals`, or of Grafana's automatic choice; "NaN", "∞" and "-∞" for
/// what is no number.
QString formatNumber(double value, std::optional<int> decimals = {});

/// Whether `unit` counts in powers of two, so that axis ticks should.
bool isBinaryUnit(const QString &unit);

} // namespace trendscope::dashboard

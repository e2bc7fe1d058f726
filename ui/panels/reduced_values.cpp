#include "ui/panels/reduced_values.h"

#include "core/dashboard/reducer.h"

#include <QJsonArray>

#include <cmath>

namespace trendscope::ui {
namespace {

using namespace Qt::StringLiterals;

/// Stats and gauges colour by thresholds unless the panel says otherwise.
dashboard::FieldConfig withThresholdColor(dashboard::FieldConfig config)
{
    if (config.colorMode.isEmpty())
        config.colorMode = u"thresholds"_s;
    return config;
}

} // namespace

std::vector<ReducedValue> reducedValues(const dashboard::PanelData &data,
                                        const dashboard::Panel &panel)
{
    QStringList calculations;
    for (const QJsonValue calculation : panel.options["reduceOptions"_L1]["calcs"_L1].toArray())
        calculations << calculation.toString();
    if (calculations.isEmpty())
        calculations << u"lastNotNull"_s;

    std::vector<ReducedValue> values;
    for (std::size_t i = 0; i < data.fields.size(); ++i) {
        const dashboard::Field &field = data.fields[i];
        for (const QString &calculation : std::as_const(calculations)) {
            const double value = dashboard::reduce(field.values, calculation);
            auto config = withThresholdColor(field.config);
            config.unit = dashboard::unitOf(calculation, config.unit);
            const QString name = calculations.size() > 1
                ? dashboard::calculationTitle(calculation) + u' ' + field.name
                : field.name;
            values.push_back(
                {name, dashboard::displayValue(config, value, field.range), value, &field, i});
        }
    }
    if (values.empty()) {
        const auto config = withThresholdColor(panel.fieldConfig.configFor({}));
        values.push_back(
            {{}, dashboard::displayValue(config, std::nan("")), std::nan(""), nullptr, 0});
        values.back().display.color = u"text"_s;
    }
    return values;
}

} // namespace trendscope::ui

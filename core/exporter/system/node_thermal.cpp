#include "core/exporter/system/node_group_p.h"
#include "core/exporter/system/node_text_p.h"

namespace trendscope::exporter {

namespace {

using Clock = Collector::Clock;

/// Temperatures, thousandths of a degree in sysfs, and what cools.
class ThermalGroup final : public NodeGroup {
public:
    explicit ThermalGroup(const NodeContext &context)
        : NodeGroup("thermal_zone", context)
        , m_folder(context.sysfs + "/class/thermal")
        , m_temperature(families().gauge("node_thermal_zone_temp", "Zone temperature in Celsius",
                                         {"zone", "type"}))
        , m_current(families().gauge("node_cooling_device_cur_state",
                                     "Current throttle state of the cooling device",
                                     {"name", "type"}))
        , m_largest(families().gauge("node_cooling_device_max_state",
                                     "Maximum throttle state of the cooling device",
                                     {"name", "type"}))
    {
    }

protected:
    Result<void> collect(Clock::time_point) override
    {
        const NodeFolder all(m_folder);
        all.list(m_names);
        for (const std::string &name : m_names) {
            const NodeFolder folder(all, name);
            const std::string type(folder.text("type").value_or(""));
            if (const auto zone = indexOf(name, "thermal_zone"); !zone.empty()) {
                if (const auto value = folder.number("temp"))
                    m_temperature.set({zone, type}, *value / 1000);
            }
            if (const auto device = indexOf(name, "cooling_device"); !device.empty()) {
                if (const auto value = folder.number("cur_state"))
                    m_current.set({device, type}, *value);
                if (const auto value = folder.number("max_state"))
                    m_largest.set({device, type}, *value);
            }
        }
        return {};
    }

private:
    const std::string m_folder;
    NodeFamily &m_temperature;
    NodeFamily &m_current;
    NodeFamily &m_largest;
    std::vector<std::string> m_names;
};

} // namespace

void addThermalGroup(NodeGroups &groups, const NodeContext &context)
{
    groups.push_back(std::make_unique<ThermalGroup>(context));
}

} // namespace trendscope::exporter

#include "core/exporter/system/node_family_p.h"

#include <algorithm>

namespace trendscope::exporter {

namespace {

using observability::MetricDescription;

constexpr std::size_t maxSeries = 20'000; ///< of one metric: a machine with many containers
/// Metrics stay for ever, so a file may not bring ever new ones.
constexpr std::size_t maxFields = 2'000;

/// What a file may say, where Prometheus can take it as a part of a name.
bool isNamePart(std::string_view text)
{
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
            || c == '_';
    });
}

} // namespace

NodeFamily::NodeFamily(observability::Registry &registry, MetricDescription description)
    : m_family(registry.add([&] {
        description.announced = MetricDescription::Announced::WhenUsed;
        description.maxSeries = maxSeries;
        return description;
    }()))
    , m_isCounter(description.type == Type::Counter)
{
}

NodeFamily::~NodeFamily()
{
    begin();
    end();
}

bool NodeFamily::isAt(std::size_t row, Labels labels) const
{
    const std::vector<std::string> &known = m_rows[row].labels;
    return std::equal(known.begin(), known.end(), labels.begin(), labels.end());
}

NodeFamily::Row NodeFamily::rowOf(Labels labels) const
{
    Row row{.labels = {labels.begin(), labels.end()}, .counter = {}, .gauge = {}};
    if (m_isCounter)
        row.counter = m_family.counter(labels);
    else
        row.gauge = m_family.gauge(labels);
    return row;
}

/// Brings the row with those labels to m_next. False: they were set already.
bool NodeFamily::moveTo(Labels labels)
{
    for (std::size_t row = 0; row < m_rows.size(); ++row) {
        if (!isAt(row, labels))
            continue;
        if (row < m_next)
            return false;
        const auto place = m_rows.begin() + static_cast<std::ptrdiff_t>(row);
        std::rotate(m_rows.begin() + static_cast<std::ptrdiff_t>(m_next), place, place + 1);
        return true;
    }
    m_rows.insert(m_rows.begin() + static_cast<std::ptrdiff_t>(m_next), rowOf(labels));
    return true;
}

void NodeFamily::set(Labels labels, double value)
{
    const bool isNext = m_next < m_rows.size() && isAt(m_next, labels);
    if (!isNext && !moveTo(labels))
        return;
    const Row &row = m_rows[m_next++];
    if (row.counter)
        row.counter->follow(value);
    else if (row.gauge)
        row.gauge->set(value);
}

void NodeFamily::end()
{
    for (std::size_t row = m_next; row < m_rows.size(); ++row) {
        if (const auto &counter = m_rows[row].counter)
            counter->remove();
        else if (const auto &gauge = m_rows[row].gauge)
            gauge->remove();
    }
    m_rows.erase(m_rows.begin() + static_cast<std::ptrdiff_t>(m_next), m_rows.end());
}

NodeFamily &NodeFamilies::counter(std::string name, std::string help, Names labels)
{
    return add({.name = std::move(name),
                .type = NodeFamily::Type::Counter,
                .help = std::move(help),
                .labels = std::move(labels)});
}

NodeFamily &NodeFamilies::gauge(std::string name, std::string help, Names labels)
{
    return add({.name = std::move(name), .help = std::move(help), .labels = std::move(labels)});
}

NodeFamily &NodeFamilies::add(MetricDescription description)
{
    m_taken.insert(description.name);
    return m_families.emplace_back(m_registry, std::move(description));
}

void NodeFamilies::begin()
{
    for (NodeFamily &family : m_families)
        family.begin();
}

void NodeFamilies::end()
{
    for (NodeFamily &family : m_families)
        family.end();
}

bool FieldFamilies::isAt(std::size_t field, std::string_view prefix, std::string_view name) const
{
    const std::string_view known = m_fields[field].name;
    return known.size() == prefix.size() + name.size() && known.starts_with(prefix)
        && known.ends_with(name);
}

/// Brings the field to m_next.
void FieldFamilies::moveTo(std::string_view prefix, std::string_view name)
{
    for (std::size_t field = 0; field < m_fields.size(); ++field) {
        if (isAt(field, prefix, name))
            return m_next = field, void();
    }
    Field field{.name = std::string(prefix).append(name)};
    if (isNamePart(field.name) && m_fields.size() < maxFields) {
        if (MetricDescription description = m_describe(field.name); !description.name.empty())
            field.family = &m_families.add(std::move(description));
    }
    if (m_fields.size() < maxFields)
        m_fields.push_back(std::move(field));
    m_next = m_fields.size() - 1;
}

void FieldFamilies::set(std::string_view prefix, std::string_view name, double value)
{
    if (m_next >= m_fields.size() || !isAt(m_next, prefix, name))
        moveTo(prefix, name);
    const Field &field = m_fields[m_next++];
    if (field.family && isAt(m_next - 1, prefix, name))
        field.family->set(value);
}

} // namespace trendscope::exporter

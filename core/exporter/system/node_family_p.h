#pragma once

#include "core/observability/registry.h"

#include <functional>
#include <initializer_list>
#include <list>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace trendscope::exporter {

/// A metric whose series are the rows of a table that is read anew at each scrape: what was in the
/// previous table and is not in this one ends. For one thread.
///
/// Rows usually come in the same order as before; then each is found by a comparison, and nothing
/// is allocated.
class NodeFamily {
public:
    using Labels = std::initializer_list<std::string_view>;
    using Type = observability::MetricDescription::Type;

    NodeFamily(observability::Registry &registry, observability::MetricDescription description);
    ~NodeFamily(); ///< ends all
    NodeFamily(const NodeFamily &) = delete;
    NodeFamily &operator=(const NodeFamily &) = delete;

    void begin() { m_next = 0; }
    /// Labels that were set since begin() already keep the first value.
    void set(Labels labels, double value);
    void set(double value) { set({}, value); }
    void end(); ///< ends the series that were not set since begin()

private:
    struct Row {
        std::vector<std::string> labels;
        std::optional<observability::Counter> counter; ///< one of the two
        std::optional<observability::Gauge> gauge;
    };

    bool isAt(std::size_t row, Labels labels) const;
    bool moveTo(Labels labels);
    Row rowOf(Labels labels) const;

    observability::Family &m_family;
    const bool m_isCounter;
    std::vector<Row> m_rows; ///< those before m_next were set
    std::size_t m_next = 0;
};

/// The families of one group; what is not set while the group collects ends.
class NodeFamilies {
public:
    using Names = std::vector<std::string>;
    using Taken = std::set<std::string, std::less<>>;

    /// `taken` gets their names.
    NodeFamilies(observability::Registry &registry, Taken &taken)
        : m_registry(registry)
        , m_taken(taken)
    {
    }

    NodeFamily &counter(std::string name, std::string help, Names labels = {});
    NodeFamily &gauge(std::string name, std::string help, Names labels = {});
    NodeFamily &add(observability::MetricDescription description);

    void begin();
    void end();

private:
    observability::Registry &m_registry;
    Taken &m_taken;
    std::list<NodeFamily> m_families;
};

/// Metrics without labels whose names are those of the fields of a file; usually the same ones, in
/// the same order, at each scrape.
class FieldFamilies {
public:
    /// A field's metric; a name that is empty: it has none. Asked once for each field.
    using Describe = std::function<observability::MetricDescription(const std::string &field)>;

    FieldFamilies(NodeFamilies &families, Describe describe)
        : m_families(families)
        , m_describe(std::move(describe))
    {
    }

    void begin() { m_next = 0; }
    /// The field's name is both together.
    void set(std::string_view prefix, std::string_view name, double value);

private:
    struct Field {
        std::string name;
        NodeFamily *family = nullptr; ///< null: it has no metric
    };
    bool isAt(std::size_t field, std::string_view prefix, std::string_view name) const;
    void moveTo(std::string_view prefix, std::string_view name);

    NodeFamilies &m_families;
    const Describe m_describe;
    std::vector<Field> m_fields;
    std::size_t m_next = 0;
};

} // namespace trendscope::exporter

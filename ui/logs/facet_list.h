#pragma once

#include "core/logs/facets.h"

#include <QListWidget>

#include <vector>

namespace trendscope::ui {

struct Theme;

/// The most frequent values of the keys that logs are narrowed by, with their counts; choosing one
/// asks for a filter.
class FacetList final : public QListWidget {
    Q_OBJECT

public:
    explicit FacetList(const Theme &theme, QWidget *parent = nullptr);

    void setFacets(const std::vector<logs::FacetCounts::Facet> &facets);

Q_SIGNALS:
    void filterRequested(const QString &term);

private:
    void addFacet(const logs::FacetCounts::Facet &facet, int &row);
    QListWidgetItem *itemAt(int row);
    void requestFilter(const QListWidgetItem *item);
};

} // namespace trendscope::ui

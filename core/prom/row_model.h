#pragma once

#include <QAbstractTableModel>
#include <QHash>

#include <utility>
#include <vector>

namespace trendscope::prom {

/// A table whose rows are replaced by newer ones again and again: a row that stays keeps its place,
/// its selection and its scroll position. The order is that of arrival; sorting is a proxy's
/// business.
///
/// `Row` has a member `QString key` that says which rows are the same, and compares with ==.
template <class Row>
class RowModel : public QAbstractTableModel {
public:
    using QAbstractTableModel::QAbstractTableModel;

    int rowCount(const QModelIndex &parent = {}) const final
    {
        return parent.isValid() ? 0 : static_cast<int>(m_rows.size());
    }

    /// `row` is in 0 … rowCount() - 1.
    const Row &rowAt(int row) const { return m_rows[static_cast<size_t>(row)]; }

protected:
    void replaceRows(std::vector<Row> rows)
    {
        makeUnique(rows);
        QHash<QString, size_t> fresh;
        for (size_t i = 0; i < rows.size(); ++i)
            fresh.insert(rows[i].key, i);
        removeMissing(fresh);
        for (int i = 0; i < rowCount(); ++i)
            renew(i, rows[fresh.take(m_rows[static_cast<size_t>(i)].key)]);
        appendNew(rows, fresh);
    }

private:
    /// Nothing keeps a server from listing the same thing twice.
    static void makeUnique(std::vector<Row> &rows)
    {
        QHash<QString, int> seen;
        for (Row &row : rows) {
            const int before = seen[row.key]++;
            if (before > 0)
                row.key += QChar(u'\0') + QString::number(before);
        }
    }

    void removeMissing(const QHash<QString, size_t> &fresh)
    {
        for (int i = rowCount() - 1; i >= 0; --i) {
            if (fresh.contains(m_rows[static_cast<size_t>(i)].key))
                continue;
            beginRemoveRows({}, i, i);
            m_rows.erase(m_rows.begin() + i);
            endRemoveRows();
        }
    }

    void renew(int row, Row &fresh)
    {
        Row &old = m_rows[static_cast<size_t>(row)];
        if (old == fresh)
            return;
        old = std::move(fresh);
        Q_EMIT dataChanged(index(row, 0), index(row, columnCount() - 1));
    }

    void appendNew(std::vector<Row> &rows, const QHash<QString, size_t> &fresh)
    {
        if (fresh.isEmpty())
            return;
        const int first = rowCount();
        beginInsertRows({}, first, first + static_cast<int>(fresh.size()) - 1);
        for (size_t i = 0; i < rows.size(); ++i) {
            // A row that was renewed has left `fresh`; its moved-from key may be anything.
            if (const auto found = fresh.constFind(rows[i].key);
                found != fresh.constEnd() && *found == i)
                m_rows.push_back(std::move(rows[i]));
        }
        endInsertRows();
    }

    std::vector<Row> m_rows;
};

} // namespace trendscope::prom

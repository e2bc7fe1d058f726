#pragma once

#include "core/logs/record.h"

#include <QWidget>

class QLabel;
class QPlainTextEdit;
class QTableWidget;

namespace trendscope::ui {

struct Theme;

/// Everything that one record says: the whole message, and each field as a value that can become a
/// filter.
class RecordDetail final : public QWidget {
    Q_OBJECT

public:
    explicit RecordDetail(const Theme &theme, QWidget *parent = nullptr);

    /// `time` and `file` as they are to be shown.
    void setRecord(const logs::Record &record, const QString &time, const QString &file);

Q_SIGNALS:
    /// Show only records with this value.
    void filterRequested(const QString &term);
    void closeRequested();

private:
    QWidget *createHeader();
    void setupFields();
    void showFields();
    void addField(std::string_view key, std::string_view value, bool canFilter = true);
    void addPlace();
    void requestFilter(int row);
    void copyLine() const;

    const Theme &m_theme;
    logs::Record m_record;
    QString m_file;
    QLabel *m_title;
    QPlainTextEdit *m_message;
    QTableWidget *m_fields;
};

} // namespace trendscope::ui

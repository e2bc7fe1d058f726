#pragma once

#include "core/logs/filter.h"

#include <QLineEdit>
#include <QTimer>

namespace trendscope::ui {

struct Theme;

/// Edits a log filter: colours its parts, underlines what is wrong, and tells of each filter that
/// makes sense.
class FilterEdit final : public QLineEdit {
    Q_OBJECT

public:
    explicit FilterEdit(const Theme &theme, QWidget *parent = nullptr);

    /// Adds a term to the end and applies the whole at once.
    void addTerm(const QString &term);

    /// What is wrong with the text and where; empty when nothing is.
    const QString &problem() const { return m_problem; }

Q_SIGNALS:
    /// Shortly after the last key, and only for text without a problem.
    void filterChanged(const logs::Filter &filter);
    void problemChanged(const QString &problem);

protected:
    void keyPressEvent(QKeyEvent *event) override;
    void changeEvent(QEvent *event) override;

private:
    void readText();
    void apply();
    void colourTokens();

    const Theme &m_theme;
    QTimer m_pause;
    logs::Filter m_filter;
    QString m_applied; // the text of the filter that was told of last
    QString m_problem;
};

} // namespace trendscope::ui

#pragma once

#include "core/alert/alert_model.h"
#include "ui/theme/theme.h"

#include <QScrollArea>

#include <optional>

class QLabel;
class QPushButton;
class QVBoxLayout;

namespace trendscope::ui {

class ChipFlow;

/// Everything that is known of one alert. All texts come from rules and labels and are shown as
/// plain text.
class AlertDetail final : public QScrollArea {
    Q_OBJECT

public:
    explicit AlertDetail(const Theme &theme, QWidget *parent = nullptr);

    void setRow(const std::optional<alert::AlertRow> &row);

Q_SIGNALS:
    void snoozeRequested(const prom::Labels &labels);

protected:
    void changeEvent(QEvent *event) override;

private:
    void setupHead(QVBoxLayout &column);
    void setupBody(QVBoxLayout &column);
    void showHead();
    void showBody();
    void showAnnotations();
    void tintHeadline();
    QLabel *addText(QVBoxLayout &column, const QFont &font);
    QLabel *addHeading(QVBoxLayout &column, const QString &text);

    const Theme &m_theme;
    std::optional<alert::AlertRow> m_row;
    QLabel *m_name = nullptr;
    QLabel *m_headline = nullptr;
    QLabel *m_summary = nullptr;
    QLabel *m_description = nullptr;
    QPushButton *m_runbook = nullptr;
    QPushButton *m_snooze = nullptr;
    QLabel *m_actionHeading = nullptr;
    QLabel *m_action = nullptr;
    ChipFlow *m_labels = nullptr;
    QLabel *m_annotationsHeading = nullptr;
    QLabel *m_annotations = nullptr;
};

} // namespace trendscope::ui

#pragma once

#include "core/alert/severity.h"
#include "ui/theme/theme.h"

#include <QWidget>

#include <optional>

namespace trendscope::ui {

class CompactButton;

/// One line above the content that says one thing: a word, a name, a sentence, since when; and what
/// to do about it.
class BannerLine final : public QWidget {
    Q_OBJECT

public:
    struct Content {
        alert::Severity severity = alert::Severity::None;
        QString word; ///< "CRITICAL"
        QString name;
        QString summary;
        std::optional<prom::Timestamp> since; ///< shown as a growing duration
        QString note;    ///< instead of the duration: why this may no longer be true
        QString runbook; ///< http or https, else empty
        QString action;  ///< the last button: "Snooze", "Try again"
        QString actionTip;
    };

    explicit BannerLine(const Theme &theme, QWidget *parent = nullptr);

    void setContent(Content content);
    const Content &content() const { return m_content; }
    QString tail() const; ///< "for 4 min 12 s", or the note

    QSize sizeHint() const override;

Q_SIGNALS:
    void activated(); ///< clicked, or Enter pressed
    void runbookRequested(const QString &url);
    void actionRequested();

protected:
    void paintEvent(QPaintEvent *event) override;
    void mouseReleaseEvent(QMouseEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;

private:
    void paintGround(QPainter &painter) const;
    void paintText(QPainter &painter) const;

    const Theme &m_theme;
    Content m_content;
    CompactButton *m_runbook;
    CompactButton *m_action;
};

} // namespace trendscope::ui

#include "ui/logs/filter_edit.h"

#include "ui/theme/theme.h"

#include <QCoreApplication>
#include <QInputMethodEvent>
#include <QKeyEvent>
#include <QStyle>
#include <QTextCharFormat>

namespace trendscope::ui {
namespace {

using namespace std::chrono_literals;
using Token = logs::FilterToken;

QTextCharFormat formatOf(Token::Kind kind, const Theme &theme)
{
    QTextCharFormat format;
    switch (kind) {
    case Token::Kind::Negation:
        format.setForeground(theme.orange);
        break;
    case Token::Kind::Value:
        format.setForeground(theme.accent);
        break;
    case Token::Kind::Operator:
        format.setForeground(theme.secondary);
        break;
    case Token::Kind::Problem:
        format.setForeground(theme.red);
        format.setUnderlineStyle(QTextCharFormat::WaveUnderline);
        format.setUnderlineColor(theme.red);
        break;
    case Token::Kind::Key:
    case Token::Kind::Text:
        format.setForeground(theme.text);
        break;
    }
    return format;
}

} // namespace

FilterEdit::FilterEdit(const Theme &theme, QWidget *parent)
    : QLineEdit(parent)
    , m_theme(theme)
{
    setFont(monoFont(12));
    setClearButtonEnabled(true);
    setPlaceholderText(
        tr("level>=WARNING  logger:trend_agent.*  -endpoint=/health  \"some text\""));
    setAccessibleName(tr("Log filter"));
    m_pause.setSingleShot(true);
    m_pause.setInterval(120ms);
    connect(&m_pause, &QTimer::timeout, this, &FilterEdit::apply);
    connect(this, &QLineEdit::textChanged, this, &FilterEdit::readText);
    connect(this, &QLineEdit::returnPressed, this, &FilterEdit::apply);
}

void FilterEdit::addTerm(const QString &term)
{
    const QString before = text().trimmed();
    if (before.split(u' ').contains(term))
        return;
    setText(before.isEmpty() ? term : before + u' ' + term);
    apply();
}

void FilterEdit::readText()
{
    const auto filter = logs::Filter::parse(text().toStdString());
    const QString problem = filter ? QString() : QString::fromStdString(filter.error().message);
    if (filter) {
        m_filter = *filter;
        m_pause.start();
    } else {
        m_pause.stop();
    }
    colourTokens();
    if (problem == m_problem)
        return;
    m_problem = problem;
    setProperty("invalid", !problem.isEmpty());
    style()->unpolish(this);
    style()->polish(this);
    Q_EMIT problemChanged(problem);
}

void FilterEdit::apply()
{
    m_pause.stop();
    if (!m_problem.isEmpty() || text() == m_applied)
        return;
    m_applied = text();
    Q_EMIT filterChanged(m_filter);
}

void FilterEdit::colourTokens()
{
    const QByteArray utf8 = text().toUtf8();
    QList<QInputMethodEvent::Attribute> attributes;
    for (const Token &token : logs::Filter::tokenize(utf8.toStdString())) {
        const auto position = static_cast<qsizetype>(token.position);
        // A part that is missing is marked at the character before it.
        const qsizetype shift = token.size == 0 && position > 0 ? 1 : 0;
        const auto start = QString::fromUtf8(utf8.first(position)).size() - shift;
        const auto size =
            QString::fromUtf8(utf8.mid(position, static_cast<qsizetype>(token.size))).size()
            + shift;
        attributes.append({QInputMethodEvent::TextFormat,
                           static_cast<int>(start) - cursorPosition(), static_cast<int>(size),
                           formatOf(token.kind, m_theme)});
    }
    // A line edit has no other way to take formats; positions are relative to the cursor.
    QInputMethodEvent event(QString(), attributes);
    QCoreApplication::sendEvent(this, &event);
}

void FilterEdit::keyPressEvent(QKeyEvent *event)
{
    if (event->key() == Qt::Key_Escape && !text().isEmpty()) {
        clear();
        apply();
        event->accept();
        return;
    }
    QLineEdit::keyPressEvent(event);
}

void FilterEdit::changeEvent(QEvent *event)
{
    QLineEdit::changeEvent(event);
    if (event->type() == QEvent::PaletteChange)
        colourTokens();
}

} // namespace trendscope::ui

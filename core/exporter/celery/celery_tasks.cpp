#include "core/exporter/celery/celery_tasks_p.h"

namespace trendscope::exporter {

using Stage = CeleryTask::Stage;

CeleryTasks::List &CeleryTasks::listOf(Stage stage)
{
    switch (stage) {
    case Stage::Waiting:
        return m_waiting;
    case Stage::Running:
        return m_running;
    case Stage::Ended:
        break;
    }
    return m_ended;
}

CeleryTask &CeleryTasks::at(std::string_view uuid, Time now)
{
    if (const auto found = m_places.find(uuid); found != m_places.end())
        return *found->second;
    if (m_places.size() >= m_limit) {
        ++m_forgotten;
        List &victims = !m_ended.empty() ? m_ended : !m_waiting.empty() ? m_waiting : m_running;
        erase(victims, victims.begin());
    }
    CeleryTask &task = m_waiting.emplace_back();
    task.uuid = uuid;
    task.touched = now;
    m_places.emplace(task.uuid, std::prev(m_waiting.end()));
    return task;
}

const CeleryTask *CeleryTasks::find(std::string_view uuid) const
{
    const auto found = m_places.find(uuid);
    return found == m_places.end() ? nullptr : &*found->second;
}

void CeleryTasks::move(CeleryTask &task, Stage stage, Time now)
{
    const List::iterator place = m_places.find(task.uuid)->second;
    if (task.stage == Stage::Running)
        count(task, -1);
    List &to = listOf(stage);
    to.splice(to.end(), listOf(task.stage), place);
    task.stage = stage;
    task.touched = now;
    if (stage == Stage::Running)
        count(task, 1);
}

void CeleryTasks::forget(Time endedBefore, Time waitingSince)
{
    while (!m_ended.empty() && m_ended.front().touched < endedBefore)
        erase(m_ended, m_ended.begin());
    while (!m_waiting.empty() && m_waiting.front().touched < waitingSince)
        erase(m_waiting, m_waiting.begin());
}

std::vector<CeleryTask *> CeleryTasks::runningOn(const std::string *node)
{
    std::vector<CeleryTask *> tasks;
    if (runningCount(node) == 0)
        return tasks;
    for (CeleryTask &task : m_running) {
        if (task.node == node)
            tasks.push_back(&task);
    }
    return tasks;
}

std::size_t CeleryTasks::runningCount(const std::string *node) const
{
    const auto found = m_runningOn.find(node);
    return found == m_runningOn.end() ? 0 : found->second;
}

void CeleryTasks::erase(List &list, List::iterator task)
{
    if (task->stage == Stage::Running)
        count(*task, -1);
    m_places.erase(task->uuid);
    list.erase(task);
}

void CeleryTasks::count(const CeleryTask &task, int by)
{
    std::size_t &running = m_runningOn[task.node];
    running += static_cast<std::size_t>(by); // wraps back
    if (running == 0)
        m_runningOn.erase(task.node);
}

} // namespace trendscope::exporter

"""The HTTP side of the peer."""

import falcon
import tasks

# Without a backend of its own: a sender that has one subscribes to the result of every task that it sends.
sender = tasks.application(None)
results = tasks.app.backend


class Tasks:
    """Keeps a task."""

    def on_post(self, request, response):
        body = request.get_media()
        if not isinstance(body, dict):
            raise falcon.HTTPBadRequest(description="the body is not an object")
        response.media = {"id": sender.send_task("task", [body]).id}
        response.status = falcon.HTTP_202


class Task:
    """Tells what became of a task. Celery says PENDING of those it does not know, too."""

    def on_get(self, _request, response, task_id):
        state = results.get_state(task_id)
        response.media = {"id": task_id, "status": "completed" if state == "SUCCESS" else state.lower()}


app = falcon.App()
app.add_route("/tasks", Tasks())
app.add_route("/tasks/{task_id}", Task())

print("ready", flush=True)

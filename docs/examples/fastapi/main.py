"""A FastAPI application whose requests appear in Trendscope."""

from fastapi import FastAPI, HTTPException

from trendscope_middleware import TrendscopeMiddleware

app = FastAPI()
app.add_middleware(TrendscopeMiddleware)


@app.get("/api/v1/trends")
def trends():
    return {"trends": []}


@app.get("/api/v1/trends/{trend_id}")
def trend(trend_id: int):
    if trend_id > 100:
        raise HTTPException(status_code=404, detail="no such trend")
    return {"id": trend_id}


@app.get("/api/v1/broken")
def broken():
    raise RuntimeError("broken")

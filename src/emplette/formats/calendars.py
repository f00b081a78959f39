"""Calendars as programs read them: iCalendar (RFC 5545), a whole day for each thing that is due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event


@dataclass(frozen=True, slots=True)
class Day:
    """Something that is due on a day; ``uid`` stays the same when the day or the words change."""

    uid: str
    on: date
    title: str
    text: str
    url: str
    is_alarming: bool = False


def written_calendar(name: str, days: Sequence[Day], *, at: datetime) -> bytes:
    """Write a calendar of whole days; what is alarming has an alarm a week before."""
    calendar = Calendar()
    calendar.add("prodid", "-//Emplette//Subscriptions//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=12), {"value": "DURATION"})
    for day in days:
        event = Event()
        event.add("uid", day.uid)
        event.add("dtstamp", at)
        event.add("dtstart", day.on)
        event.add("summary", day.title)
        event.add("description", day.text)
        event.add("url", day.url)
        event.add("transp", "TRANSPARENT")
        if day.is_alarming:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", day.title)
            alarm.add("trigger", timedelta(days=-7))
            event.add_component(alarm)
        calendar.add_component(event)
    return bytes(calendar.to_ical())

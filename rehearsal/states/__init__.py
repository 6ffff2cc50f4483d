"""AWS Step Functions, as far as Interlock uses it: the language, its executions on virtual time, and the API.

`language` reads a definition and refuses a wrong one; `expressions` is JSONata in its fields; `walk` goes from state
to state, and `tasks` does what a Task asks for; `integrations` knows how a Resource becomes an API call and a refusal
an error name, and `failures` what a Retry or Catch finds it under; `fibers` lets many executions share one clock;
`service` is the API that ties them together, and `execution` what it remembers of each execution.
"""

from rehearsal.states.execution import Entered, Execution, Machine
from rehearsal.states.expressions import Evaluation
from rehearsal.states.language import DefinitionError, load
from rehearsal.states.service import StepFunctions

__all__ = ["DefinitionError", "Entered", "Evaluation", "Execution", "Machine", "StepFunctions", "load"]

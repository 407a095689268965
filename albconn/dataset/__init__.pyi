from .checking.check import CheckResult as CheckResult, check as check
from .compacting import Compaction as Compaction, compact as compact
from .contract import ddl as ddl, schema_json as schema_json, schema_markdown as schema_markdown
from .converting.conversion import Conversion as Conversion
from .converting.convert import convert as convert
from .read import open_dataset as open_dataset, read_dataset as read_dataset

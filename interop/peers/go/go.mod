module akushu.invalid/interop-peer

go 1.26
